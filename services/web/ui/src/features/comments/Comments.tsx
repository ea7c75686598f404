// What people say about one thing, and the form by which they say it. It is text and nothing else.
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { MessageSquarePlus, Trash2 } from "lucide-react";
import { type FormEvent, type KeyboardEvent, type ReactNode, useState } from "react";
import { answer, api } from "../../api/client";
import { useRoleReaches } from "../../app/session";
import { Ago, Button, FIELD, IconButton, Problem } from "../../components/basics";
import { count } from "../../components/format";
import { type About, type Comment, commentsQuery } from "./queries";

const MAX_CHARACTERS = 5000;

/** `placeOf` says where a comment belongs that is about a part of it. */
export function Comments({ about, placeOf, heading: Heading = "h3" }: { about: About; placeOf?: (comment: Comment) => ReactNode; heading?: "h2" | "h3" }) {
  const { projectId, type, id } = about;
  const mayWrite = useRoleReaches(projectId, "MEMBER");
  const client = useQueryClient();
  const list = useInfiniteQuery(commentsQuery(about));
  const [isWriting, setWriting] = useState(false);
  const [problem, setProblem] = useState<Error>();
  const comments = list.data?.pages.flatMap((page) => page.comments) ?? [];
  const total = list.data?.pages[0]?.total ?? 0;
  const change = async (work: () => Promise<unknown>) => {
    setProblem(undefined);
    try {
      await work();
      // What is about an observation is shown with its trace as well.
      await client.invalidateQueries({ queryKey: ["comments", projectId] });
      return true;
    } catch (refused) {
      setProblem(refused as Error);
      return false;
    }
  };
  const write = async (content: string) => {
    const body = { objectType: type, objectId: id, content };
    if (await change(() => answer(api.POST("/projects/{project_id}/comments", { params: { path: { project_id: projectId } }, body })))) setWriting(false);
  };
  const remove = (comment: Comment) =>
    change(() => answer(api.DELETE("/projects/{project_id}/comments/{comment_id}", { params: { path: { project_id: projectId, comment_id: comment.id } } })));
  if (list.isSuccess && total === 0 && !mayWrite) return null;
  return (
    <section aria-label="Comments" className="flex flex-col gap-1.5">
      <div className="flex h-7 items-center gap-2">
        <Heading className="font-semibold">Comments</Heading>
        {total > 0 && <span className="text-2xs text-soft">{count(total)}</span>}
        {mayWrite && !isWriting && (
          <Button look="quiet" className="h-7" onClick={() => setWriting(true)}>
            <MessageSquarePlus aria-hidden className="size-3.5" /> Add comment
          </Button>
        )}
      </div>
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {problem && <Problem error={problem} />}
      {isWriting && <CommentForm onCancel={() => setWriting(false)} onSave={write} />}
      {comments.length > 0 && (
        <ul className="flex flex-col rounded-md border border-line">
          {comments.map((comment) => (
            <li key={comment.id} className="flex flex-col gap-0.5 border-b border-line px-2.5 py-1.5 last:border-b-0">
              <div className="flex min-h-7 flex-wrap items-center gap-x-2 text-2xs text-soft">
                <span className="font-semibold">{authorOf(comment)}</span>
                {placeOf?.(comment)}
                <span className="ml-auto">
                  <Ago time={comment.createdAt} />
                </span>
                {mayWrite && comment.isMine && (
                  <IconButton label="Delete your comment" className="size-7" onClick={() => void remove(comment)}>
                    <Trash2 className="size-3.5" />
                  </IconButton>
                )}
              </div>
              <p className="break-words whitespace-pre-wrap">{comment.content}</p>
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button className="self-center" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show earlier comments
        </Button>
      )}
    </section>
  );
}

function authorOf({ author, isByApplication }: Comment): string {
  return author ?? (isByApplication ? "an application" : "somebody who is gone");
}

function CommentForm({ onCancel, onSave }: { onCancel: () => void; onSave: (content: string) => Promise<void> }) {
  const [isSaving, setSaving] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const content = String(new FormData(event.currentTarget).get("content"));
    setSaving(true);
    await onSave(content);
    setSaving(false);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
    if (event.key === "Escape") onCancel();
  };
  return (
    <form onSubmit={(event) => void submit(event)} aria-label="New comment" className="flex flex-col gap-3 rounded-md border border-line bg-sunken p-3">
      <label className="flex flex-col gap-1 font-medium">
        Comment
        <textarea className={`${FIELD} h-20 py-1.5`} name="content" required maxLength={MAX_CHARACTERS} autoFocus onKeyDown={onKeyDown} />
      </label>
      <div className="flex items-center justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" disabled={isSaving}>
          {isSaving ? "Saving…" : "Save comment"}
        </Button>
      </div>
    </form>
  );
}
