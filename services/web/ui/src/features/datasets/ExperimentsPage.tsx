// The experiments of a project, over its datasets and over items of their own.
import { getRouteApi } from "@tanstack/react-router";
import { Page } from "../../components/Page";
import { Experiments } from "./Experiments";

const route = getRouteApi("/project/$projectId/experiments");

export function ExperimentsPage() {
  const { projectId } = route.useParams();
  return (
    <Page title="Experiments">
      <Experiments projectId={projectId} />
    </Page>
  );
}
