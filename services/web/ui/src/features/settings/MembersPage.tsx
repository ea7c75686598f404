// Who belongs to the organization of a project, and as what.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { UserPlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { answer, api, type Shapes } from "../../api/client";
import { projectOf, reaches, type Role, useSignedIn } from "../../app/session";
import { Ago, Button, CopyButton, FIELD, Problem, Skeleton, Tag } from "../../components/basics";
import { DataTable, type DataColumn } from "../../components/DataTable";
import { Dialog } from "../../components/menu";
import { Page } from "../../components/Page";
import { type Member, membersQuery } from "./queries";

const route = getRouteApi("/project/$projectId/settings/members");
type Given = Shapes["AddMemberRequest"]["role"];
const ROLES: readonly Given[] = ["VIEWER", "MEMBER", "ADMIN", "OWNER"];
const MEANING: Record<Given, string> = {
  VIEWER: "looks at everything",
  MEMBER: "also judges traces and saves views",
  ADMIN: "also manages keys, members and settings",
  OWNER: "also deletes projects and the organization",
};

export function MembersPage() {
  const { projectId } = route.useParams();
  const session = useSignedIn();
  const organization = projectOf(session, projectId)?.organization;
  const client = useQueryClient();
  const { data, isError, error, refetch } = useQuery({ ...membersQuery(organization?.id ?? ""), enabled: organization !== undefined });
  const [isAdding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Member>();
  const [problem, setProblem] = useState<Error>();
  if (!organization) return null;
  const own = organization.role;
  const mayManage = reaches(own, "ADMIN");
  const reload = () => client.invalidateQueries({ queryKey: ["members", organization.id] });
  const attempt = async (work: () => Promise<unknown>) => {
    setProblem(undefined);
    try {
      await work();
      setRemoving(undefined);
    } catch (refused) {
      setProblem(refused as Error);
    }
    await reload();
  };
  const path = (member: Member) => ({ params: { path: { organization_id: organization.id, user_id: member.userId } } });
  const columns: DataColumn<Member>[] = [
    {
      name: "Person",
      cell: (member) => (
        <span className="inline-flex flex-wrap items-center gap-x-2">
          <span className="font-medium">{member.email}</span>
          {member.name && <span className="text-soft">{member.name}</span>}
          {member.userId === session.user.id && <Tag>you</Tag>}
        </span>
      ),
    },
    {
      name: "Role",
      cell: (member) =>
        mayManage && reaches(own, member.role) ? (
          <select
            aria-label={`Role of ${member.email}`}
            className={`${FIELD} !w-auto`}
            value={member.role}
            onChange={(event) => void attempt(() => answer(api.PATCH("/organizations/{organization_id}/members/{user_id}", { ...path(member), body: { role: event.target.value as Given } })))}
          >
            {ROLES.filter((role) => reaches(own, role)).map((role) => (
              <option key={role} value={role}>
                {role.toLowerCase()}
              </option>
            ))}
          </select>
        ) : (
          member.role.toLowerCase()
        ),
    },
    { name: "Since", cell: (member) => <Ago time={member.since} />, isExtra: true },
    { name: "Last seen", cell: (member) => (member.lastSeenAt ? <Ago time={member.lastSeenAt} /> : <span className="text-soft">signed out</span>), isExtra: true },
    ...(mayManage
      ? [
          {
            name: "",
            isNumber: true,
            cell: (member: Member) =>
              reaches(own, member.role) && (
                <Button look="danger" onClick={() => setRemoving(member)}>
                  Remove…
                </Button>
              ),
          },
        ]
      : []),
  ];
  return (
    <Page
      title={`Members of ${organization.name}`}
      action={
        mayManage && (
          <Button look="primary" onClick={() => setAdding(true)}>
            <UserPlus aria-hidden className="size-4" /> Add member
          </Button>
        )
      }
    >
      {problem && !removing && <Problem error={problem} />}
      {isError && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !isError && <Skeleton className="h-32" />}
      {data && <DataTable label="Members" columns={columns} rows={data.members} keyOf={({ userId }) => userId} />}
      <dl className="grid max-w-lg grid-cols-[6rem_1fr] gap-y-1">
        {ROLES.map((role) => (
          <div key={role} className="contents">
            <dt className="text-soft">{role.toLowerCase()}</dt>
            <dd>{MEANING[role]}</dd>
          </div>
        ))}
      </dl>
      <Dialog open={isAdding} onClose={() => setAdding(false)} title="Add a member" description={`They get a role in every project of ${organization.name}.`}>
        <AddMember organizationId={organization.id} own={own} onAdded={reload} />
      </Dialog>
      <Dialog open={removing !== undefined} onClose={() => setRemoving(undefined)} title={`Remove ${removing?.email ?? ""}?`} description="They no longer see anything of this organization.">
        {problem && <Problem error={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={() => setRemoving(undefined)}>Keep</Button>
          <Button
            look="danger"
            onClick={() => void attempt(async () => removing && (await answer(api.DELETE("/organizations/{organization_id}/members/{user_id}", path(removing)))))}
          >
            Remove
          </Button>
        </div>
      </Dialog>
    </Page>
  );
}

function AddMember({ organizationId, own, onAdded }: { organizationId: string; own: Role; onAdded: () => Promise<void> }) {
  const [added, setAdded] = useState<{ email: string; password: string | null }>();
  const [problem, setProblem] = useState<Error>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const email = String(form.get("email"));
    try {
      const { password } = await answer(
        api.POST("/organizations/{organization_id}/members", {
          params: { path: { organization_id: organizationId } },
          body: { email, name: String(form.get("name")) || null, role: String(form.get("role")) as Given },
        }),
      );
      setAdded({ email, password });
      await onAdded();
    } catch (refused) {
      setProblem(refused as Error);
    }
  };
  if (added) {
    return added.password === null ? (
      <p role="status">{added.email} was added and signs in as before.</p>
    ) : (
      <div className="flex flex-col gap-3">
        <p role="status" className="rounded-md bg-warning-wash px-3 py-2 text-warning">
          Give {added.email} this password now: it is never shown again. They can change it under Account.
        </p>
        <div className="flex items-center gap-2">
          <code aria-label="Password" className="min-w-0 flex-1 font-mono">
            {added.password}
          </code>
          <CopyButton text={added.password} label="Copy password" />
        </div>
      </div>
    );
  }
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
      {problem && <Problem error={problem} />}
      <label className="flex flex-col gap-1 font-medium">
        E-mail
        <input className={FIELD} name="email" type="email" required maxLength={320} autoComplete="off" />
      </label>
      <label className="flex flex-col gap-1 font-medium">
        Name
        <input className={FIELD} name="name" maxLength={100} autoComplete="off" />
      </label>
      <label className="flex flex-col gap-1 font-medium">
        Role
        <select className={FIELD} name="role" defaultValue="MEMBER">
          {ROLES.filter((role) => reaches(own, role)).map((role) => (
            <option key={role} value={role}>
              {role.toLowerCase()}: {MEANING[role]}
            </option>
          ))}
        </select>
      </label>
      <Button type="submit" look="primary" className="self-end">
        Add member
      </Button>
    </form>
  );
}
