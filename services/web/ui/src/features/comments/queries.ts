import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api, type Shapes } from "../../api/client";

export type Comment = Shapes["CommentShape"];
/** What comments are about. */
export type About = { projectId: string; type: Shapes["CommentedType"]; id: string };

export function commentsQuery({ projectId, type, id }: About) {
  return infiniteQueryOptions({
    queryKey: ["comments", projectId, type, id],
    initialPageParam: 0,
    queryFn: ({ pageParam: offset, signal }) =>
      answer(api.GET("/projects/{project_id}/comments", { params: { path: { project_id: projectId }, query: { objectType: type, objectId: id, offset } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}
