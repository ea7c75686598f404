// Narrowed lists that people of the project saved, to be opened again by anybody in it.
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark } from "lucide-react";
import { type FormEvent, useState } from "react";
import { answer, api } from "../../api/client";
import { useRoleReaches } from "../../app/session";
import { Button, FIELD, Problem } from "../../components/basics";
import { Dialog, Menu, MenuItem, MenuLabel, MenuLine } from "../../components/menu";
import { type TracesSearch, tracesSearch } from "./search";

function viewsQuery(projectId: string) {
  return queryOptions({
    queryKey: ["saved-views", projectId, "traces"],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/saved-views", { params: { path: { project_id: projectId }, query: { kind: "traces" } }, signal })),
    staleTime: 30_000,
  });
}

export function Views({ projectId, search, onOpen }: { projectId: string; search: TracesSearch; onOpen: (search: TracesSearch) => void }) {
  const { data } = useQuery(viewsQuery(projectId));
  const mayEdit = useRoleReaches(projectId, "MEMBER");
  const [dialog, setDialog] = useState<"save" | "manage">();
  const views = data?.views ?? [];
  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button>
            <Bookmark aria-hidden className="size-3.5" /> Views
          </Button>
        }
      >
        <MenuLabel>{views.length === 0 ? "No view is saved yet" : "Saved views"}</MenuLabel>
        {views.map(({ id, name, content }) => (
          <MenuItem key={id} onSelect={() => onOpen(tracesSearch(content))}>
            <span className="max-w-64 truncate">{name}</span>
          </MenuItem>
        ))}
        {mayEdit && (
          <>
            <MenuLine />
            <MenuItem onSelect={() => setDialog("save")}>Save what is shown…</MenuItem>
            {views.length > 0 && <MenuItem onSelect={() => setDialog("manage")}>Delete views…</MenuItem>}
          </>
        )}
      </Menu>
      <Dialog open={dialog === "save"} onClose={() => setDialog(undefined)} title="Save this view" description="Search, filters, time range, sorting and columns; for everybody in this project.">
        <SaveView projectId={projectId} search={search} onSaved={() => setDialog(undefined)} />
      </Dialog>
      <Dialog open={dialog === "manage"} onClose={() => setDialog(undefined)} title="Saved views" description="Deleting one deletes it for everybody in this project.">
        <DeleteViews projectId={projectId} views={views} />
      </Dialog>
    </>
  );
}

function SaveView({ projectId, search, onSaved }: { projectId: string; search: TracesSearch; onSaved: () => void }) {
  const client = useQueryClient();
  const [problem, setProblem] = useState<Error>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    try {
      await answer(api.POST("/projects/{project_id}/saved-views", { params: { path: { project_id: projectId } }, body: { kind: "traces", name, content: search } }));
      await client.invalidateQueries({ queryKey: ["saved-views", projectId, "traces"] });
      onSaved();
    } catch (refused) {
      setProblem(refused as Error);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
      {problem && <Problem error={problem} />}
      <label className="flex flex-col gap-1 font-medium">
        Name
        <input className={FIELD} name="name" required maxLength={100} placeholder="Errors this week" />
      </label>
      <Button type="submit" look="primary" className="self-end">
        Save view
      </Button>
    </form>
  );
}

function DeleteViews({ projectId, views }: { projectId: string; views: readonly { id: string; name: string }[] }) {
  const client = useQueryClient();
  const [problem, setProblem] = useState<Error>();
  const remove = async (id: string) => {
    try {
      await answer(api.DELETE("/projects/{project_id}/saved-views/{view_id}", { params: { path: { project_id: projectId, view_id: id } } }));
      await client.invalidateQueries({ queryKey: ["saved-views", projectId, "traces"] });
    } catch (refused) {
      setProblem(refused as Error);
    }
  };
  return (
    <>
      {problem && <Problem error={problem} />}
      {views.length === 0 && <p className="text-soft">No view is left.</p>}
      <ul className="flex flex-col gap-1">
        {views.map(({ id, name }) => (
          <li key={id} className="flex items-center justify-between gap-2">
            {name}
            <Button look="danger" aria-label={`Delete ${name}`} onClick={() => void remove(id)}>
              Delete
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
