// What models cost: built in, and the project's own, which win.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { answer, api } from "../../api/client";
import { useRoleReaches } from "../../app/session";
import { Button, Empty, FIELD, Problem, Skeleton, Tag } from "../../components/basics";
import { DataTable, type DataColumn } from "../../components/DataTable";
import { count } from "../../components/format";
import { ManagedForm, ManagedPage, useManaged } from "./Managed";
import { type Model, modelsQuery } from "./queries";

const route = getRouteApi("/project/$projectId/settings/models");
const MILLION = 1e6;
const SHOWN = 100;

const perMillion = (price: number | null) => (price === null ? "–" : `$${Number((price * MILLION).toPrecision(6))}`);

export function ModelsPage() {
  const { projectId } = route.useParams();
  const managed = useManaged(["models", projectId]);
  const mayManage = useRoleReaches(projectId, "ADMIN");
  const { data, isError, error, refetch } = useQuery(modelsQuery(projectId));
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const remove = (model: Model) =>
    managed.change(() => answer(api.DELETE("/projects/{project_id}/models/{model_id}", { params: { path: { project_id: projectId, model_id: model.id } } })));
  // One's own first: they are what people come to look after.
  const found = (data?.models ?? [])
    .filter(({ modelName, matchPattern }) => `${modelName} ${matchPattern}`.toLowerCase().includes(wanted))
    .sort((one, other) => Number(one.isLangfuseManaged) - Number(other.isLangfuseManaged));
  const columns: DataColumn<Model>[] = [
    {
      name: "Model",
      cell: (model) => (
        <span className="inline-flex flex-wrap items-center gap-x-2 font-medium">
          {model.modelName}
          {!model.isLangfuseManaged && <Tag>own</Tag>}
          {model.pricingTiers.length > 1 && <Tag>{`${model.pricingTiers.length} tiers`}</Tag>}
        </span>
      ),
    },
    { name: "Matches", cell: (model) => <code className="line-clamp-1 max-w-72 font-mono text-[0.85em] text-soft" title={model.matchPattern}>{model.matchPattern}</code>, isExtra: true },
    { name: "Input", cell: (model) => perMillion(model.inputPrice), isNumber: true },
    { name: "Output", cell: (model) => perMillion(model.outputPrice), isNumber: true },
    { name: "Other prices", cell: (model) => <span className="line-clamp-1 max-w-72 text-soft">{others(model)}</span>, isExtra: true },
    ...(mayManage
      ? [{ name: "", isNumber: true, cell: (model: Model) => !model.isLangfuseManaged && <Button look="danger" onClick={() => void remove(model)}>Delete</Button> }]
      : []),
  ];
  return (
    <ManagedPage
      title="Model prices"
      managed={managed}
      add={mayManage && { button: "Own price", title: "A price of your own", description: "It wins over a built-in one that matches the same model." }}
      form={<OwnPrice projectId={projectId} onSaved={managed.onAdded} />}
    >
      {isError && <Problem error={error} onRetry={() => void refetch()} />}
      <div className="relative max-w-sm">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-soft" />
        <input type="search" aria-label="Search models" placeholder="Part of a model’s name" className={`${FIELD} pl-8`} value={text} onChange={(event) => setText(event.target.value)} />
      </div>
      {!data && !isError && <Skeleton className="h-64" />}
      {data && found.length === 0 && <Empty title="No such model">Add a price of your own: observations that arrive from then on are priced by it.</Empty>}
      {found.length > 0 && (
        <>
          <p className="text-2xs text-soft">
            USD per million tokens. {count(found.length)} models{found.length > SHOWN && `, the first ${SHOWN} are shown`}.
          </p>
          <DataTable label="Models" columns={columns} rows={found.slice(0, SHOWN)} keyOf={({ id }) => id} />
        </>
      )}
    </ManagedPage>
  );
}

function others({ prices }: Model): string {
  return (
    Object.entries(prices)
      .filter(([key]) => key !== "input" && key !== "output")
      .map(([key, { price }]) => `${key.replaceAll("_", " ")} ${perMillion(price)}`)
      .join(", ") || "–"
  );
}

function OwnPrice({ projectId, onSaved }: { projectId: string; onSaved: () => Promise<void> }) {
  const save = async (text: (field: string) => string) => {
    const name = text("name");
    const price = (field: string) => (text(field) === "" ? null : (Number(text(field)) / MILLION).toFixed(15));
    await answer(
      api.POST("/projects/{project_id}/models", {
        params: { path: { project_id: projectId } },
        body: {
          modelName: name,
          matchPattern: text("pattern") || `(?i)^(${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")})$`,
          unit: "TOKENS",
          inputPrice: price("input"),
          outputPrice: price("output"),
        },
      }),
    );
    await onSaved();
  };
  return (
    <ManagedForm action="Save price" onSubmit={save}>
      <label className="flex flex-col gap-1 font-medium">
        Model
        <input className={FIELD} name="name" required maxLength={200} placeholder="my-model-large" />
      </label>
      <label className="flex flex-col gap-1 font-medium">
        Pattern
        <input className={`${FIELD} font-mono`} name="pattern" maxLength={1000} placeholder="empty: exactly this name" />
        <span className="text-2xs font-normal text-soft">a regular expression over the model’s name</span>
      </label>
      <div className="grid grid-cols-2 gap-3">
        <label className="flex flex-col gap-1 font-medium">
          Input, USD per million
          <input className={FIELD} name="input" type="number" min={0} step="any" required />
        </label>
        <label className="flex flex-col gap-1 font-medium">
          Output, USD per million
          <input className={FIELD} name="output" type="number" min={0} step="any" required />
        </label>
      </div>
    </ManagedForm>
  );
}
