// The project and its organization: names, how long traces are kept, environments, and their end.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { answer, api } from "../../api/client";
import { projectOf, reaches, useSignedIn } from "../../app/session";
import { Ago, Button, FIELD, Problem, Skeleton } from "../../components/basics";
import { DataTable } from "../../components/DataTable";
import { count } from "../../components/format";
import { Dialog } from "../../components/menu";
import { Page } from "../../components/Page";
import { Done, NameForm, NewProject, useChange } from "./forms";
import { environmentsQuery, projectQuery } from "./queries";

const route = getRouteApi("/project/$projectId/settings/project");

export function ProjectPage() {
  const { projectId } = route.useParams();
  const organization = projectOf(useSignedIn(), projectId)?.organization;
  const { data, isError, error, refetch } = useQuery(projectQuery(projectId));
  if (!organization) return null;
  const mayManage = reaches(organization.role, "ADMIN");
  const isOwner = reaches(organization.role, "OWNER");
  return (
    <Page title="Project settings">
      {isError && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !isError && <Skeleton className="h-40" />}
      {data && (
        <>
          <Box title="Project">
            <ProjectForm key={data.name} projectId={projectId} name={data.name} retentionDays={data.retentionDays} mayManage={mayManage} />
            <p className="text-2xs text-soft">
              Its id is <code className="font-mono">{data.id}</code>, made <Ago time={data.createdAt} />.
            </p>
          </Box>
          <Box title="Environments">
            <Environments projectId={projectId} />
          </Box>
          {mayManage && (
            <Box title={`Organization ${organization.name}`}>
              <NameForm label="Name of the organization" name={organization.name} least={1} action="Rename" onSave={(name) => answer(api.PATCH("/organizations/{organization_id}", { params: { path: { organization_id: organization.id } }, body: { name } }))} />
              <NewProject organizationId={organization.id} />
              {isOwner && <NewOrganization />}
            </Box>
          )}
          {isOwner && (
            <Box title="Delete">
              <DeleteProject projectId={projectId} name={data.name} />
            </Box>
          )}
        </>
      )}
    </Page>
  );
}

function Box({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex max-w-2xl flex-col gap-3 rounded-lg border border-line p-4">
      <h2 className="font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function ProjectForm({ projectId, name, retentionDays, mayManage }: { projectId: string; name: string; retentionDays: number | null; mayManage: boolean }) {
  const client = useQueryClient();
  const { change, problem, isDone } = useChange();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { name: String(form.get("name")), retentionDays: Number(form.get("retention") || 0) };
    void change(async () => {
      await answer(api.PUT("/projects/{project_id}/settings", { params: { path: { project_id: projectId } }, body }));
      await client.invalidateQueries({ queryKey: ["project", projectId] });
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {problem && <Problem error={problem} />}
      <fieldset disabled={!mayManage} className="grid gap-3 sm:grid-cols-2">
        <label className="flex flex-col gap-1 font-medium">
          Name
          <input className={FIELD} name="name" required minLength={3} maxLength={60} defaultValue={name} />
        </label>
        <label className="flex flex-col gap-1 font-medium">
          Days traces are kept
          <input className={FIELD} name="retention" type="number" min={0} max={36500} defaultValue={retentionDays ?? ""} placeholder="forever" />
          <span className="text-2xs font-normal text-soft">empty keeps them forever; 3 or more</span>
        </label>
      </fieldset>
      {mayManage && (
        <div className="flex items-center gap-3">
          <Button type="submit" look="primary">
            Save
          </Button>
          <Done isDone={isDone} />
        </div>
      )}
    </form>
  );
}

function Environments({ projectId }: { projectId: string }) {
  const { data, isError, error } = useQuery(environmentsQuery(projectId));
  if (isError) return <Problem error={error} />;
  if (!data) return <Skeleton className="h-16" />;
  if (data.groups.length === 0) return <p className="text-soft">No trace has arrived yet.</p>;
  return (
    <DataTable
      label="Environments"
      columns={[
        { name: "Environment", cell: ({ key }) => <span className="font-medium">{key}</span> },
        { name: "Traces", cell: ({ traces }) => count(traces), isNumber: true },
        { name: "Last trace", cell: ({ last }) => <Ago time={last} /> },
      ]}
      rows={data.groups}
      keyOf={({ key }) => key}
    />
  );
}

function NewOrganization() {
  const navigate = useNavigate();
  return (
    <NameForm
      label="New organization, with a first project of the same name"
      name=""
      least={3}
      action="Create organization"
      onSave={async (name) => {
        const created = await answer(api.POST("/organizations", { body: { name } }));
        const { id } = await answer(api.POST("/organizations/{organization_id}/projects", { params: { path: { organization_id: created.id } }, body: { name, retentionDays: 0 } }));
        setTimeout(() => void navigate({ to: "/project/$projectId/traces", params: { projectId: id } }));
      }}
    />
  );
}

function DeleteProject({ projectId, name }: { projectId: string; name: string }) {
  const { change, problem } = useChange();
  const [isAsking, setAsking] = useState(false);
  const [typed, setTyped] = useState("");
  const remove = () =>
    void change(async () => {
      await answer(api.DELETE("/projects/{project_id}", { params: { path: { project_id: projectId } } }));
      // Everything this page knows is of the project.
      location.assign(document.baseURI);
    });
  return (
    <>
      <p>Deleting the project revokes its keys at once and erases its traces soon after. This can’t be undone.</p>
      <Button look="danger" className="self-start" onClick={() => setAsking(true)}>
        Delete project…
      </Button>
      <Dialog open={isAsking} onClose={() => setAsking(false)} title={`Delete ${name}?`} description="All its traces, scores and keys go with it.">
        {problem && <Problem error={problem} />}
        <label className="flex flex-col gap-1 font-medium">
          Type the project’s name to delete it
          <input className={FIELD} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
        </label>
        <div className="flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>Keep</Button>
          <Button look="danger" disabled={typed !== name} onClick={remove}>
            Delete project
          </Button>
        </div>
      </Dialog>
    </>
  );
}
