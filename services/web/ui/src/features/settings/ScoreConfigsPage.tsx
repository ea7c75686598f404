// Score configs: names, kinds and values that everybody who judges agrees on.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { answer, api } from "../../api/client";
import { type ScoreConfig, scoreConfigsQuery } from "../../app/scoreConfigs";
import { useRoleReaches } from "../../app/session";
import { Button, Empty, FIELD, Problem, Skeleton, Tag } from "../../components/basics";
import { DataTable, type DataColumn } from "../../components/DataTable";
import { ManagedForm, ManagedPage, useManaged } from "./Managed";

const route = getRouteApi("/project/$projectId/settings/score-configs");
type Kind = ScoreConfig["dataType"];
const KINDS: readonly Kind[] = ["NUMERIC", "CATEGORICAL", "BOOLEAN", "TEXT"];

export function ScoreConfigsPage() {
  const { projectId } = route.useParams();
  const mayManage = useRoleReaches(projectId, "MEMBER");
  const managed = useManaged(["score-configs", projectId]);
  const { data, isError, error, refetch } = useQuery(scoreConfigsQuery(projectId));
  const archive = ({ id, isArchived }: ScoreConfig) => {
    const path = { project_id: projectId, config_id: id };
    return managed.change(() => answer(api.PATCH("/projects/{project_id}/score-configs/{config_id}", { params: { path }, body: { isArchived: !isArchived } })));
  };
  const columns: DataColumn<ScoreConfig>[] = [
    {
      name: "Name",
      cell: (config) => (
        <span className="inline-flex items-center gap-2 font-medium">
          {config.name}
          {config.isArchived && <Tag>archived</Tag>}
        </span>
      ),
    },
    { name: "Kind", cell: (config) => config.dataType.toLowerCase() },
    { name: "Values", cell: (config) => valuesOf(config) },
    { name: "Description", cell: (config) => <span className="text-soft">{config.description ?? "–"}</span>, isExtra: true },
    ...(mayManage
      ? [{ name: "", cell: (config: ScoreConfig) => <Button look="quiet" onClick={() => void archive(config)}>{config.isArchived ? "Use again" : "Archive"}</Button>, isNumber: true }]
      : []),
  ];
  return (
    <ManagedPage
      title="Score configs"
      managed={managed}
      add={mayManage && { button: "New config", title: "New score config", description: "Its kind can’t be changed later." }}
      form={<CreateConfig projectId={projectId} onDone={managed.onAdded} />}
    >
      {isError && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !isError && <Skeleton className="h-32" />}
      {data?.configs.length === 0 && <Empty title="No score configs yet">People who judge traces can then choose a name and its values instead of typing them.</Empty>}
      {data && data.configs.length > 0 && <DataTable label="Score configs" columns={columns} rows={data.configs} keyOf={({ id }) => id} />}
    </ManagedPage>
  );
}

function valuesOf({ dataType, minValue, maxValue, categories }: ScoreConfig): string {
  if (dataType === "NUMERIC") return minValue === null && maxValue === null ? "any number" : `${minValue ?? "…"} to ${maxValue ?? "…"}`;
  return categories?.map(({ label }) => label).join(", ") ?? "any text";
}

function CreateConfig({ projectId, onDone }: { projectId: string; onDone: () => Promise<void> }) {
  const [kind, setKind] = useState<Kind>("NUMERIC");
  const create = async (text: (field: string) => string) => {
    const labels = text("labels").split(",").map((label) => label.trim()).filter(Boolean);
    await answer(
      api.POST("/projects/{project_id}/score-configs", {
        params: { path: { project_id: projectId } },
        body: {
          name: text("name"),
          dataType: kind,
          description: text("description") || null,
          minValue: text("least") === "" ? null : Number(text("least")),
          maxValue: text("most") === "" ? null : Number(text("most")),
          categories: kind === "CATEGORICAL" ? labels.map((label, value) => ({ label, value })) : null,
        },
      }),
    );
    await onDone();
  };
  return (
    <ManagedForm action="Create config" onSubmit={create}>
      <label className="flex flex-col gap-1 font-medium">
        Name
        <input className={FIELD} name="name" required maxLength={35} placeholder="helpfulness" />
      </label>
      <label className="flex flex-col gap-1 font-medium">
        Kind
        <select className={FIELD} value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
          {KINDS.map((name) => (
            <option key={name} value={name}>
              {name.toLowerCase()}
            </option>
          ))}
        </select>
      </label>
      {kind === "NUMERIC" && (
        <div className="grid grid-cols-2 gap-3">
          <label className="flex flex-col gap-1 font-medium">
            Least
            <input className={FIELD} name="least" type="number" step="any" />
          </label>
          <label className="flex flex-col gap-1 font-medium">
            Most
            <input className={FIELD} name="most" type="number" step="any" />
          </label>
        </div>
      )}
      {kind === "CATEGORICAL" && (
        <label className="flex flex-col gap-1 font-medium">
          Labels
          <input className={FIELD} name="labels" required placeholder="good, fair, poor" />
          <span className="text-2xs font-normal text-soft">separated by commas</span>
        </label>
      )}
      <label className="flex flex-col gap-1 font-medium">
        Description
        <input className={FIELD} name="description" maxLength={500} placeholder="What to look at, and what each value means" />
      </label>
    </ManagedForm>
  );
}
