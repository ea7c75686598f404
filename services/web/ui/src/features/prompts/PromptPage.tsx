// One prompt: its versions, what one of them says, and what changed since another.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { ArrowLeft } from "lucide-react";
import { useMemo } from "react";
import { Refusal } from "../../api/client";
import { Ago, CopyButton, Empty, FIELD, Problem, Skeleton, Tag } from "../../components/basics";
import { Page } from "../../components/Page";
import { Comments } from "../comments/Comments";
import { JsonTree } from "../text/JsonTree";
import { ValueView } from "../text/ValueView";
import { diff, type Line, linesOf } from "./diff";
import { type Content, contentQuery, type Version, versionsQuery } from "./queries";

const route = getRouteApi("/project/$projectId/prompts/$name");
const LATEST = "latest";
const PRODUCTION = "production";

export function PromptPage() {
  const { projectId, name } = route.useParams();
  const { version: wanted, against } = route.useSearch();
  const { data, error } = useQuery(versionsQuery(projectId, name));
  const versions = data?.versions ?? [];
  const shown = versions.find(({ version }) => version === wanted) ?? versions[0];
  return (
    <Page title={name} action={<Back projectId={projectId} />}>
      {error &&
        (error instanceof Refusal && error.status === 404 ? (
          <Empty title="No such prompt">No version of it is kept in this project.</Empty>
        ) : (
          <Problem error={error} />
        ))}
      {!data && !error && <Skeleton className="h-64" />}
      {shown && (
        <div className="flex flex-col gap-4 lg:flex-row">
          <Versions projectId={projectId} name={name} versions={versions} shown={shown.version} />
          <div className="flex min-w-0 flex-1 flex-col gap-4">
            <Said projectId={projectId} name={name} version={shown} others={versions.filter((each) => each !== shown)} against={against} />
          </div>
        </div>
      )}
    </Page>
  );
}

function Back({ projectId }: { projectId: string }) {
  return (
    <Link to="/project/$projectId/prompts" params={{ projectId }} className="inline-flex h-8 items-center gap-1.5 rounded-md px-2.5 text-soft hover:bg-hover hover:text-ink">
      <ArrowLeft aria-hidden className="size-4" /> All prompts
    </Link>
  );
}

function Versions({ projectId, name, versions, shown }: { projectId: string; name: string; versions: Version[]; shown: number }) {
  return (
    <nav aria-label="Versions" className="shrink-0 lg:w-64">
      <ol className="flex max-h-96 flex-col overflow-y-auto rounded-lg border border-line lg:max-h-none">
        {versions.map(({ version, labels, commitMessage, createdAt }) => (
          <li key={version} className="border-b border-line last:border-b-0">
            <Link
              to="/project/$projectId/prompts/$name"
              params={{ projectId, name }}
              search={(before) => ({ ...before, version, against: undefined })}
              aria-current={version === shown ? "true" : undefined}
              className={clsx("flex flex-col gap-0.5 px-3 py-2 hover:bg-hover", version === shown && "bg-accent-wash shadow-[inset_2px_0_0_var(--accent)]")}
            >
              <span className="flex flex-wrap items-center gap-1.5">
                <span className="font-medium">Version {version}</span>
                {labels.map((label) => (
                  <Tag key={label}>{label}</Tag>
                ))}
              </span>
              {commitMessage && <span className="break-words">{commitMessage}</span>}
              <span className="text-2xs text-soft">
                <Ago time={createdAt} />
              </span>
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Said({ projectId, name, version, others, against }: { projectId: string; name: string; version: Version; others: Version[]; against: number | undefined }) {
  const navigate = route.useNavigate();
  const content = useQuery(contentQuery(projectId, name, version.version));
  const other = others.find((each) => each.version === against);
  if (content.isError) return <Problem error={content.error} />;
  if (!content.data) return <Skeleton className="h-64" />;
  return (
    <>
      <div className="flex min-h-8 flex-wrap items-center gap-x-4 gap-y-1">
        <h2 className="text-base font-semibold">Version {version.version}</h2>
        {others.length > 0 && (
          <label className="flex items-center gap-2 whitespace-nowrap">
            Compare with
            <select
              className={`${FIELD} w-auto`}
              value={other?.version ?? ""}
              onChange={(event) => void navigate({ search: (before) => ({ ...before, against: Number(event.target.value) || undefined }), replace: true })}
            >
              <option value="">nothing</option>
              {others.map((each) => (
                <option key={each.version} value={each.version}>
                  Version {each.version}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {other ? <Changes projectId={projectId} name={name} before={other.version} after={version.version} content={content.data} /> : <Whole content={content.data} />}
      <Fetching name={name} version={version} type={content.data.type} />
      <Comments key={version.id} about={{ projectId, type: "PROMPT", id: version.id }} />
    </>
  );
}

function Whole({ content: { prompt, config } }: { content: Content }) {
  const text = typeof prompt === "string" ? prompt : JSON.stringify(prompt, null, 2);
  const hasConfig = typeof config === "object" && config !== null && Object.keys(config).length > 0;
  return (
    <>
      <ValueView title="Prompt" text={text} characters={text.length} />
      {hasConfig && (
        <section aria-label="Config" className="flex flex-col gap-1.5">
          <h3 className="font-semibold">Config</h3>
          <div className="overflow-x-auto rounded-md border border-line p-2.5">
            <JsonTree value={config} depth={2} />
          </div>
        </section>
      )}
    </>
  );
}

const MARK: Record<Line["kind"], string> = { same: " ", added: "+", removed: "−" };
const NAME: Record<Line["kind"], string> = { same: "", added: "added: ", removed: "removed: " };

function Changes({ projectId, name, before, after, content }: { projectId: string; name: string; before: number; after: number; content: Content }) {
  const { data: old, error } = useQuery(contentQuery(projectId, name, before));
  const lines = useMemo(() => old && diff(linesOf(old.prompt, old.config), linesOf(content.prompt, content.config)), [old, content]);
  if (error) return <Problem error={error} />;
  if (!lines) return <Skeleton className="h-64" />;
  const changed = lines.filter(({ kind }) => kind !== "same").length;
  return (
    <section aria-label={`Changes from version ${before} to version ${after}`} className="flex flex-col gap-1.5">
      <h3 className="font-semibold">Changes since version {before}</h3>
      {changed === 0 && <p className="text-soft">Both say the same.</p>}
      <ol className="overflow-x-auto rounded-md border border-line py-1 font-mono text-[0.92em]" tabIndex={0} aria-label="Lines">
        {lines.map(({ kind, text }, index) => (
          <li key={index} className={clsx("flex px-2.5 whitespace-pre-wrap", kind === "added" && "bg-ok-wash text-ok", kind === "removed" && "bg-error-wash text-error")}>
            <span aria-hidden className="w-4 shrink-0 select-none">
              {MARK[kind]}
            </span>
            <span className="sr-only">{NAME[kind]}</span>
            <span className="min-w-0 flex-1">{text || " "}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** How an application gets this version, ready to paste. */
function Fetching({ name, version: { version, labels }, type }: { name: string; version: Version; type: Content["type"] }) {
  const label = labels.includes(PRODUCTION) ? PRODUCTION : labels.find((each) => each !== LATEST);
  const which = label === undefined ? `version=${version}` : `label=${JSON.stringify(label)}`;
  const text = `prompt = langfuse.get_prompt(${JSON.stringify(name)}, ${which}${type === "chat" ? ', type="chat"' : ""})\nprompt.compile()`;
  return (
    <section aria-label="Fetch it" className="flex flex-col gap-1.5">
      <div className="flex h-7 items-center">
        <h3 className="flex-1 font-semibold">Fetch it</h3>
        <CopyButton text={text} label="Copy snippet" />
      </div>
      <pre tabIndex={0} aria-label="Python snippet" className="overflow-x-auto rounded-md border border-line p-2.5 font-mono text-[0.92em]">
        {text}
      </pre>
    </section>
  );
}
