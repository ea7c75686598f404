// Files that texts refer to: pictures are shown, sound can be played, everything else can be saved and nothing more.
import { useQuery } from "@tanstack/react-query";
import { Download, FileWarning } from "lucide-react";
import { createContext, Fragment, type ReactNode, useContext, useMemo, useState } from "react";
import { answer, api, type Shapes } from "../../api/client";
import { Skeleton } from "../../components/basics";
import { fileSize, piecesOf } from "./media";

type File = Shapes["MediaShape"];
/** Where files are read from: a project, or the public link of one trace. */
export type MediaSource = { projectId: string; sharedTraceId?: string };

const Source = createContext<MediaSource | undefined>(undefined);
// Well before addresses of files expire.
const STALE_MS = 300_000;

/** Below it, references become the files they name. */
export function WithMedia({ projectId, sharedTraceId, children }: MediaSource & { children: ReactNode }) {
  const source = useMemo(() => ({ projectId, ...(sharedTraceId !== undefined && { sharedTraceId }) }), [projectId, sharedTraceId]);
  return <Source value={source}>{children}</Source>;
}

/** A text as `words` shows it, with files in the place of references to them. */
export function TextWithMedia({ text, words }: { text: string; words: (text: string) => ReactNode }) {
  const source = useContext(Source);
  const pieces = useMemo(() => piecesOf(text), [text]);
  if (source === undefined || pieces.every(({ kind }) => kind === "text")) return <>{words(text)}</>;
  return pieces.map((piece, index) =>
    piece.kind === "media" ? (
      <MediaView key={index} source={source} id={piece.id} contentType={piece.contentType} />
    ) : (
      piece.text.trim() !== "" && <Fragment key={index}>{words(piece.text)}</Fragment>
    ),
  );
}

function MediaView({ source: { projectId, sharedTraceId }, id, contentType }: { source: MediaSource; id: string; contentType: string }) {
  const { data, error } = useQuery({
    queryKey: ["media", projectId, sharedTraceId, id],
    queryFn: ({ signal }) => {
      const path = { project_id: projectId, media_id: id };
      return sharedTraceId === undefined
        ? answer(api.GET("/projects/{project_id}/media/{media_id}", { params: { path }, signal }))
        : answer(api.GET("/shared/{project_id}/media/{media_id}", { params: { path, query: { traceId: sharedTraceId } }, signal }));
    },
    staleTime: STALE_MS,
  });
  if (error) {
    return (
      <span className="my-1 flex w-fit items-center gap-1.5 rounded bg-hover px-2 py-1 text-soft">
        <FileWarning aria-hidden className="size-4 shrink-0" /> {contentType.slice(0, 100)}: {error.message}
      </span>
    );
  }
  if (!data) return <Skeleton className="my-1 h-24 max-w-64" />;
  return (
    <span className="my-1 flex flex-col items-start gap-1">
      <Shown file={data} />
      <a href={data.url} download className="inline-flex min-h-6 items-center gap-1.5 text-2xs text-accent-ink hover:underline">
        <Download aria-hidden className="size-3.5" /> Save file ({data.contentType}, {fileSize(data.contentLength)})
      </a>
    </span>
  );
}

/** What a browser draws or plays without running anything in it; the server says which files those are. */
function Shown({ file: { id, kind, contentType, url } }: { file: File }) {
  const [isBroken, setBroken] = useState(false);
  if (kind === "file") return null;
  if (isBroken) return <span className="rounded bg-hover px-2 py-1 text-soft">The browser can’t show this {kind === "image" ? "picture" : "sound"}.</span>;
  return kind === "image" ? (
    <img src={url} alt={`File ${id}, ${contentType}`} loading="lazy" onError={() => setBroken(true)} className="max-h-80 max-w-full rounded border border-line bg-raised" />
  ) : (
    <audio controls preload="metadata" src={url} aria-label={`File ${id}, ${contentType}`} onError={() => setBroken(true)} className="h-10 w-72 max-w-full" />
  );
}
