// The frame around every page of a project: where one is, where one can go, and one's own things.
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { clsx } from "clsx";
import { ChartColumn, ChevronDown, CircleDollarSign, Database, FileText, FlaskConical, FolderCog, Gauge, KeyRound, ListTree, LogOut, type LucideIcon, Menu as MenuIcon, MessagesSquare, Moon, Ruler, ScrollText, ShieldUser, Sun, UserRound, Users } from "lucide-react";
import { Suspense, useEffect, useState } from "react";
import { answer, api } from "../api/client";
import { Button, Empty, IconButton, Skeleton } from "../components/basics";
import { Menu, MenuItem, MenuLabel, MenuLine } from "../components/menu";
import { projectOf, sessionQuery, type SignedIn } from "./session";
import { toggleTheme, useIsDark } from "./theme";

type Entry = { to: string; name: string; Icon: LucideIcon };
const PAGES = [
  { to: "/project/$projectId/dashboard", name: "Dashboard", Icon: ChartColumn },
  { to: "/project/$projectId/traces", name: "Traces", Icon: ListTree },
  { to: "/project/$projectId/sessions", name: "Sessions", Icon: MessagesSquare },
  { to: "/project/$projectId/users", name: "Users", Icon: Users },
  { to: "/project/$projectId/scores", name: "Scores", Icon: Gauge },
  { to: "/project/$projectId/prompts", name: "Prompts", Icon: FileText },
  { to: "/project/$projectId/datasets", name: "Datasets", Icon: Database },
  { to: "/project/$projectId/experiments", name: "Experiments", Icon: FlaskConical },
] as const satisfies readonly Entry[];
const SETTINGS = [
  { to: "/project/$projectId/settings/project", name: "Project", Icon: FolderCog },
  { to: "/project/$projectId/settings/members", name: "Members", Icon: ShieldUser },
  { to: "/project/$projectId/settings/api-keys", name: "API keys", Icon: KeyRound },
  { to: "/project/$projectId/settings/score-configs", name: "Score configs", Icon: Ruler },
  { to: "/project/$projectId/settings/models", name: "Model prices", Icon: CircleDollarSign },
  { to: "/project/$projectId/settings/audit-log", name: "Audit log", Icon: ScrollText },
] as const satisfies readonly Entry[];

export function Shell() {
  const { projectId } = useParams({ from: "/project/$projectId" });
  const { data: session } = useQuery(sessionQuery);
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    if (session === null) void navigate({ to: "/auth/sign-in", search: { next: location.pathname + location.search } });
  }, [session, navigate]);
  if (!session) return null;
  const found = projectOf(session, projectId);
  return (
    <div className="flex h-full flex-col">
      <a
        href="#main"
        className="absolute top-1 left-1 z-50 -translate-y-20 rounded bg-accent px-3 py-1 text-on-accent focus:translate-y-0"
      >
        Skip to content
      </a>
      <header className="flex h-11 shrink-0 items-center gap-1 border-b border-line px-2">
        <IconButton label="Menu" className="md:hidden" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <MenuIcon className="size-4" />
        </IconButton>
        <img src="./ui/icon.svg" alt="" className="mx-1.5 size-5 rounded max-sm:hidden" />
        <ProjectSwitcher session={session} current={found?.project.name ?? "Unknown project"} />
        <div className="flex-1" />
        <ThemeButton />
        <AccountMenu session={session} projectId={projectId} />
      </header>
      <div className="flex min-h-0 flex-1">
        <nav
          aria-label="Pages"
          className={clsx(
            "w-44 shrink-0 flex-col gap-0.5 border-r border-line overflow-y-auto bg-sunken p-2 md:flex max-md:absolute max-md:top-11 max-md:bottom-0 max-md:z-30 max-md:shadow-xl",
            isOpen ? "flex" : "hidden",
          )}
        >
          {PAGES.map((page) => (
            <PageLink key={page.name} {...page} projectId={projectId} onOpen={() => setOpen(false)} />
          ))}
          <div className="mt-3 px-2 py-1 text-2xs font-medium text-soft">Settings</div>
          {SETTINGS.map((page) => (
            <PageLink key={page.name} {...page} projectId={projectId} onOpen={() => setOpen(false)} />
          ))}
        </nav>
        <main id="main" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
          {found ? (
            <Suspense fallback={<PageSkeleton />}>
              <Outlet />
            </Suspense>
          ) : (
            <Empty isPage title="This project is not yours to see">
              It may not exist, or you are not a member of its organization. Choose another above.
            </Empty>
          )}
        </main>
      </div>
    </div>
  );
}

function PageLink({ to, name, Icon, projectId, onOpen }: ((typeof PAGES)[number] | (typeof SETTINGS)[number]) & { projectId: string; onOpen: () => void }) {
  return (
    <Link
      to={to}
      params={{ projectId }}
      onClick={onOpen}
      className="flex h-8 shrink-0 items-center gap-2 rounded-md px-2 text-soft hover:bg-hover hover:text-ink"
      activeProps={{ className: "bg-accent-wash !text-accent-ink font-medium" }}
    >
      <Icon aria-hidden className="size-4" />
      {name}
    </Link>
  );
}

function PageSkeleton() {
  return (
    <div className="flex flex-col gap-3 p-4" aria-busy="true">
      <Skeleton className="h-6 w-40" />
      <Skeleton className="h-64" />
    </div>
  );
}

function ProjectSwitcher({ session, current }: { session: SignedIn; current: string }) {
  const navigate = useNavigate();
  return (
    <Menu
      trigger={
        <Button look="quiet" className="min-w-0 !text-ink" aria-label={`Project ${current}: choose another`}>
          <span className="truncate font-medium">{current}</span>
          <ChevronDown aria-hidden className="size-3.5 text-soft" />
        </Button>
      }
    >
      {session.organizations.map((organization) => (
        <div key={organization.id}>
          <MenuLabel>{organization.name}</MenuLabel>
          {organization.projects.map(({ id, name }) => (
            <MenuItem
              key={id}
              onSelect={() => void navigate({ to: "/project/$projectId/traces", params: { projectId: id } })}
            >
              {name}
            </MenuItem>
          ))}
        </div>
      ))}
    </Menu>
  );
}

function ThemeButton() {
  const isDark = useIsDark();
  return (
    <IconButton label={isDark ? "Light theme" : "Dark theme"} onClick={toggleTheme}>
      {isDark ? <Sun className="size-4" /> : <Moon className="size-4" />}
    </IconButton>
  );
}

function AccountMenu({ session, projectId }: { session: SignedIn; projectId: string }) {
  const navigate = useNavigate();
  const signOut = async () => {
    await answer(api.DELETE("/session"));
    // A page that was signed in holds what only its person may see.
    location.assign(new URL("auth/sign-in", document.baseURI));
  };
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label="Account">
          <UserRound className="size-4" />
        </IconButton>
      }
    >
      <MenuLabel>{session.user.email}</MenuLabel>
      <MenuItem onSelect={() => void navigate({ to: "/project/$projectId/settings/account", params: { projectId } })}>
        <UserRound aria-hidden className="size-4" /> Account and password
      </MenuItem>
      <MenuLine />
      <MenuItem onSelect={() => void signOut()}>
        <LogOut aria-hidden className="size-4" /> Sign out
      </MenuItem>
    </Menu>
  );
}
