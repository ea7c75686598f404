// An input or an output: as a conversation, as markdown, as a JSON tree, or as it was sent.
import { clsx } from "clsx";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { Button, CopyButton } from "../../components/basics";
import { count } from "../../components/format";
import { JsonTree } from "./JsonTree";
import { TextWithMedia } from "./Media";
import { type Message, messagesOf, parsed } from "./messages";

const Markdown = lazy(() => import("./Markdown").then((module) => ({ default: module.Markdown })));
const FOLDED_CHARACTERS = 4_000;
type Mode = "chat" | "text" | "json" | "raw";
const NAMES: Record<Mode, string> = { chat: "Chat", text: "Text", json: "JSON", raw: "Raw" };

export function ValueView({
  title,
  text,
  characters,
  onWhole,
}: {
  title: string;
  text: string | undefined;
  characters: number;
  onWhole?: () => Promise<string>;
}) {
  const [whole, setWhole] = useState<string>();
  const shown = whole ?? text;
  const isCut = shown !== undefined && shown.length < characters && whole === undefined;
  const value = useMemo(() => (shown === undefined || isCut ? shown : parsed(shown)), [shown, isCut]);
  const messages = useMemo(() => messagesOf(value), [value]);
  const modes: Mode[] = messages ? ["chat", "json", "raw"] : typeof value === "string" ? ["text", "raw"] : ["json", "raw"];
  const [wanted, setMode] = useState<Mode>();
  const mode = wanted && modes.includes(wanted) ? wanted : (modes[0] as Mode);
  return (
    <section aria-label={title} className="flex flex-col gap-1.5">
      <div className="flex h-7 items-center gap-1">
        <h3 className="mr-1 font-semibold">{title}</h3>
        {shown !== undefined && (
          <>
            <div role="group" aria-label={`Show ${title.toLowerCase()} as`} className="flex">
              {modes.map((name) => (
                <button
                  key={name}
                  type="button"
                  aria-pressed={mode === name}
                  onClick={() => setMode(name)}
                  className={clsx("h-7 rounded px-1.5 text-2xs", mode === name ? "bg-hover font-medium text-ink" : "text-soft hover:text-ink")}
                >
                  {NAMES[name]}
                </button>
              ))}
            </div>
            <div className="flex-1" />
            <span className="text-2xs text-soft">{count(characters)} characters</span>
            <CopyButton text={shown} label={`Copy ${title.toLowerCase()}`} />
          </>
        )}
      </div>
      {shown === undefined ? (
        <p className="text-soft italic">not sent</p>
      ) : (
        <div className="overflow-x-auto rounded-md border border-line p-2.5">
          {mode === "chat" && messages && <Conversation messages={messages} />}
          {mode === "json" && <JsonTree value={value} />}
          {mode === "text" && <Prose text={String(value)} />}
          {mode === "raw" && <pre className="font-mono text-[0.92em] whitespace-pre-wrap">{shown}</pre>}
        </div>
      )}
      {isCut && (
        <p className="flex items-center gap-2 text-soft">
          The first {count(shown.length)} of {count(characters)} characters are shown.
          {onWhole && <Button onClick={() => void onWhole().then(setWhole)}>Show all</Button>}
        </p>
      )}
    </section>
  );
}

/** A text as markdown, with the files it refers to. */
export function Prose({ text }: { text: string }) {
  return (
    <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
      <Folded text={text}>{(shown) => <TextWithMedia text={shown} words={(words) => <Markdown text={words} />} />}</Folded>
    </Suspense>
  );
}

/** A long text begins folded: the page stays a page. */
function Folded({ text, children }: { text: string; children: (shown: string) => ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  if (text.length <= FOLDED_CHARACTERS || isOpen) return <>{children(text)}</>;
  return (
    <>
      {children(text.slice(0, FOLDED_CHARACTERS))}
      <button type="button" className="mt-1 min-h-7 text-accent-ink hover:underline" onClick={() => setOpen(true)}>
        {count(text.length - FOLDED_CHARACTERS)} more characters…
      </button>
    </>
  );
}

function Conversation({ messages }: { messages: Message[] }) {
  return (
    <ol className="flex flex-col gap-2">
      {messages.map((message, index) => (
        <li key={index} className={clsx("rounded-md border-l-2 py-0.5 pl-2.5", EDGE[message.role] ?? "border-line")}>
          <div className="text-2xs font-semibold text-soft">
            {message.role}
            {message.name && <span className="font-normal"> · {message.name}</span>}
          </div>
          {message.parts.length === 0 && <span className="text-soft italic">empty</span>}
          {message.parts.map((part, position) =>
            part.kind === "text" ? (
              <Prose key={position} text={part.text} />
            ) : (
              <div key={position} className="mt-1 rounded bg-sunken p-2">
                <div className="text-2xs font-medium text-soft">{part.name}</div>
                <JsonTree value={part.value} depth={1} />
              </div>
            ),
          )}
        </li>
      ))}
    </ol>
  );
}

const EDGE: Record<string, string> = { user: "border-accent", assistant: "border-bar-tool", system: "border-bar", developer: "border-bar" };
