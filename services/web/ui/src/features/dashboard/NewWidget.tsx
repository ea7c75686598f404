// The form that puts a chart on the dashboard of the project.
import { type FormEvent, useState } from "react";
import { Button, FIELD, Problem } from "../../components/basics";
import { AGGREGATIONS, type View, VIEWS } from "./charts";
import { saveWidget } from "./queries";

const KINDS = { bars: "Bars over time", lines: "Lines over time", list: "Largest values" } as const;

export function NewWidget({ projectId, onSaved }: { projectId: string; onSaved: () => Promise<void> }) {
  const [view, setView] = useState<View>("observations");
  const [measure, setMeasure] = useState("totalCost");
  const [problem, setProblem] = useState<Error>();
  const { measures, dimensions } = VIEWS[view];
  const isText = measure.startsWith("unique");
  const aggregations = measure === "count" ? ["count"] : isText ? ["uniq"] : AGGREGATIONS.filter((name) => name !== "uniq" && name !== "count");
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    try {
      await saveWidget(projectId, text("name").trim(), { view, measure, aggregation: text("aggregation"), dimension: text("dimension") || null, kind: text("kind") });
      await onSaved();
    } catch (refused) {
      setProblem(refused as Error);
    }
  };
  const chooseView = (chosen: View) => {
    setView(chosen);
    setMeasure(Object.keys(VIEWS[chosen].measures)[0] as string);
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
      {problem && <Problem error={problem} />}
      <label className="flex flex-col gap-1 font-medium">
        Title
        <input className={FIELD} name="name" required maxLength={100} placeholder="Cost by prompt" />
      </label>
      <div className="grid gap-3 sm:grid-cols-2">
        <Choice label="Of" value={view} onChange={(value) => chooseView(value as View)} options={Object.entries(VIEWS).map(([id, { name }]) => [id, name])} />
        <Choice label="Measure" value={measure} onChange={setMeasure} options={Object.entries(measures).map(([id, { name }]) => [id, name])} />
        <Choice key={measure} label="As" name="aggregation" options={aggregations.map((name) => [name, name])} />
        <Choice key={view} label="By" name="dimension" options={[["", "everything together"], ...Object.entries(dimensions)]} />
        <Choice label="Shown as" name="kind" options={Object.entries(KINDS)} />
      </div>
      <Button type="submit" look="primary" className="self-end">
        Add chart
      </Button>
    </form>
  );
}

function Choice({ label, name, value, onChange, options }: { label: string; name?: string; value?: string; onChange?: (value: string) => void; options: readonly (readonly [string, string])[] }) {
  return (
    <label className="flex flex-col gap-1 font-medium">
      {label}
      <select className={FIELD} name={name} value={value} onChange={onChange && ((event) => onChange(event.target.value))}>
        {options.map(([id, shown]) => (
          <option key={id} value={id}>
            {shown}
          </option>
        ))}
      </select>
    </label>
  );
}
