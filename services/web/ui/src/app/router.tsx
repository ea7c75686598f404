// Every address of the UI. What is seen can be linked to: state that others would want is in the address.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, parseSearchWith, redirect, stringifySearchWith } from "@tanstack/react-router";
import { answer, api } from "../api/client";
import { parseValue, textsOf } from "../components/address";
import { Empty, Problem } from "../components/basics";
import { dashboardSearch } from "../features/dashboard/search";
import { comparedSearch, resultsSearch } from "../features/datasets/search";
import { groupsSearch } from "../features/groups/search";
import { promptSearch } from "../features/prompts/search";
import { scoresSearch } from "../features/scores/search";
import { tracesSearch } from "../features/traces/search";
import { traceSearch } from "../features/trace/search";
import { signInSearch } from "../features/session/search";
import { SignInPage } from "../features/session/SignInPage";
import { queryClient } from "./queries";
import { sessionQuery } from "./session";
import { Shell } from "./Shell";

const LAST_PROJECT = "elasticdash.project";

const root = createRootRoute({
  component: Outlet,
  errorComponent: ({ error, reset }) => <Problem error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} />,
  notFoundComponent: () => (
    <Empty isPage title="There is no such page" action={<a className="text-accent-ink underline" href="./">Go to your project</a>}>
      The address may be mistyped, or what it showed was removed.
    </Empty>
  ),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/auth/sign-in",
  component: SignInPage,
  validateSearch: signInSearch,
});

const sharedTrace = createRoute({
  getParentRoute: () => root,
  path: "/public/$projectId/traces/$traceId",
  validateSearch: traceSearch,
  component: lazyRouteComponent(() => import("../features/trace/SharedTracePage"), "SharedTracePage"),
});

async function requireSession(next: string) {
  const session = await queryClient.ensureQueryData(sessionQuery);
  if (!session) throw redirect({ to: "/auth/sign-in", search: next === "/" ? {} : { next } });
  return session;
}

const index = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async () => {
    const session = await requireSession("/");
    const ids = session.organizations.flatMap(({ projects }) => projects.map(({ id }) => id));
    const last = localStorage.getItem(LAST_PROJECT);
    const projectId = last && ids.includes(last) ? last : ids[0];
    if (projectId) throw redirect({ to: "/project/$projectId/traces", params: { projectId } });
  },
  component: lazyRouteComponent(() => import("../features/settings/NoProjectPage"), "NoProjectPage"),
});

// The JavaScript SDK's third generation prints links that name no project.
const placelessTrace = createRoute({
  getParentRoute: () => root,
  path: "/trace/$traceId",
  beforeLoad: async ({ location, params: { traceId } }) => {
    await requireSession(location.href);
    const { projectId } = await answer(api.GET("/trace-places/{trace_id}", { params: { path: { trace_id: traceId } } }));
    throw redirect({ to: "/project/$projectId/traces/$traceId", params: { projectId, traceId }, replace: true });
  },
});

const project = createRoute({
  getParentRoute: () => root,
  path: "/project/$projectId",
  beforeLoad: async ({ location, params }) => {
    await requireSession(location.href);
    localStorage.setItem(LAST_PROJECT, params.projectId);
  },
  component: Shell,
});

const projectHome = createRoute({
  getParentRoute: () => project,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/project/$projectId/traces", params });
  },
});

const traces = createRoute({
  getParentRoute: () => project,
  path: "traces",
  validateSearch: tracesSearch,
  component: lazyRouteComponent(() => import("../features/traces/TracesPage"), "TracesPage"),
});

const trace = createRoute({
  getParentRoute: () => project,
  path: "traces/$traceId",
  validateSearch: traceSearch,
  component: lazyRouteComponent(() => import("../features/trace/TracePage"), "TracePage"),
});

const dashboard = createRoute({
  getParentRoute: () => project,
  path: "dashboard",
  validateSearch: dashboardSearch,
  component: lazyRouteComponent(() => import("../features/dashboard/DashboardPage"), "DashboardPage"),
});

const sessions = createRoute({
  getParentRoute: () => project,
  path: "sessions",
  validateSearch: groupsSearch,
  component: lazyRouteComponent(() => import("../features/groups/GroupsPage"), "SessionsPage"),
});

const session = createRoute({
  getParentRoute: () => project,
  path: "sessions/$sessionId",
  component: lazyRouteComponent(() => import("../features/groups/SessionPage"), "SessionPage"),
});

const users = createRoute({
  getParentRoute: () => project,
  path: "users",
  validateSearch: groupsSearch,
  component: lazyRouteComponent(() => import("../features/groups/GroupsPage"), "UsersPage"),
});

const scores = createRoute({
  getParentRoute: () => project,
  path: "scores",
  validateSearch: scoresSearch,
  component: lazyRouteComponent(() => import("../features/scores/ScoresPage"), "ScoresPage"),
});

const prompts = createRoute({
  getParentRoute: () => project,
  path: "prompts",
  component: lazyRouteComponent(() => import("../features/prompts/PromptsPage"), "PromptsPage"),
});

const prompt = createRoute({
  getParentRoute: () => project,
  path: "prompts/$name",
  validateSearch: promptSearch,
  component: lazyRouteComponent(() => import("../features/prompts/PromptPage"), "PromptPage"),
});

const datasets = createRoute({
  getParentRoute: () => project,
  path: "datasets",
  component: lazyRouteComponent(() => import("../features/datasets/DatasetsPage"), "DatasetsPage"),
});

const dataset = createRoute({
  getParentRoute: () => project,
  path: "datasets/$datasetId",
  component: lazyRouteComponent(() => import("../features/datasets/DatasetPage"), "DatasetRunsPage"),
});

// The items, or one of them: an id is its sender's own, and SDKs write it as it is, slashes included.
const datasetItems = createRoute({
  getParentRoute: () => project,
  path: "datasets/$datasetId/items/$",
  component: lazyRouteComponent(() => import("../features/datasets/DatasetItemPage"), "DatasetItemsOrOne"),
});

const datasetRun = createRoute({
  getParentRoute: () => project,
  path: "datasets/$datasetId/runs/$runId",
  beforeLoad: ({ params: { projectId, runId } }) => {
    throw redirect({ to: "/project/$projectId/experiments/results", params: { projectId }, search: { baseline: runId }, replace: true });
  },
});

// Where Langfuse compares runs.
const datasetCompare = createRoute({
  getParentRoute: () => project,
  path: "datasets/$datasetId/compare",
  validateSearch: (search: Record<string, unknown>) => ({ runs: textsOf(search.runs) }),
  beforeLoad: ({ params: { projectId }, search: { runs } }) => {
    throw redirect({ to: "/project/$projectId/experiments/results", params: { projectId }, search: comparedSearch(runs), replace: true });
  },
});

const experiments = createRoute({
  getParentRoute: () => project,
  path: "experiments",
  component: lazyRouteComponent(() => import("../features/datasets/ExperimentsPage"), "ExperimentsPage"),
});

const results = createRoute({
  getParentRoute: () => project,
  path: "experiments/results",
  validateSearch: resultsSearch,
  component: lazyRouteComponent(() => import("../features/datasets/ResultsPage"), "ResultsPage"),
});

const scoreConfigs = createRoute({
  getParentRoute: () => project,
  path: "settings/score-configs",
  component: lazyRouteComponent(() => import("../features/settings/ScoreConfigsPage"), "ScoreConfigsPage"),
});

const members = createRoute({
  getParentRoute: () => project,
  path: "settings/members",
  component: lazyRouteComponent(() => import("../features/settings/MembersPage"), "MembersPage"),
});

const projectSettings = createRoute({
  getParentRoute: () => project,
  path: "settings/project",
  component: lazyRouteComponent(() => import("../features/settings/ProjectPage"), "ProjectPage"),
});

const models = createRoute({
  getParentRoute: () => project,
  path: "settings/models",
  component: lazyRouteComponent(() => import("../features/settings/ModelsPage"), "ModelsPage"),
});

const auditLog = createRoute({
  getParentRoute: () => project,
  path: "settings/audit-log",
  component: lazyRouteComponent(() => import("../features/settings/AuditLogPage"), "AuditLogPage"),
});

const apiKeys = createRoute({
  getParentRoute: () => project,
  path: "settings/api-keys",
  component: lazyRouteComponent(() => import("../features/settings/ApiKeysPage"), "ApiKeysPage"),
});

const account = createRoute({
  getParentRoute: () => project,
  path: "settings/account",
  component: lazyRouteComponent(() => import("../features/settings/AccountPage"), "AccountPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    sharedTrace,
    placelessTrace,
    index,
    project.addChildren([
      projectHome,
      dashboard,
      traces,
      trace,
      sessions,
      session,
      users,
      scores,
      prompts,
      prompt,
      datasets,
      dataset,
      datasetItems,
      datasetRun,
      datasetCompare,
      experiments,
      results,
      projectSettings,
      members,
      apiKeys,
      scoreConfigs,
      models,
      auditLog,
      account,
    ]),
  ]),
  parseSearch: parseSearchWith(parseValue),
  stringifySearch: stringifySearchWith(JSON.stringify, parseValue),
  basepath: new URL(document.baseURI).pathname.replace(/\/$/, "") || "/",
  defaultPreload: "intent",
  defaultPendingMs: 200,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
