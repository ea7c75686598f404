"""Copies datasets with their items and runs."""

from urllib.parse import quote

from elasticdash.standalone.importing import catalogue
from elasticdash.standalone.importing.api_client import ApiClient, Json

_DATASET_FIELDS = ("name", "description", "metadata", "inputSchema", "expectedOutputSchema")
_ITEM_FIELDS = (
    "id", "datasetName", "status", "input", "expectedOutput", "metadata", "sourceTraceId", "sourceObservationId",
)  # fmt: skip
_LINK_FIELDS = ("datasetItemId", "traceId", "observationId", "createdAt")


def copy_datasets(source: ApiClient, target: ApiClient) -> int:
    """Datasets, their active items as they are now, and their runs; returns how many items were read."""
    count = 0
    for dataset in catalogue.every(source, "/v2/datasets"):
        target.post("/v2/datasets", catalogue.picked(dataset, _DATASET_FIELDS))
        # Oldest first: the target lists what came last first, as the source does.
        items = [*catalogue.every(source, "/dataset-items", {"datasetName": dataset["name"]})][::-1]
        for item in items:
            target.post("/dataset-items", catalogue.picked(item, _ITEM_FIELDS))
        _copy_runs(source, target, dataset, {str(item["id"]) for item in items})
        count += len(items)
    return count


def _copy_runs(source: ApiClient, target: ApiClient, dataset: Json, item_ids: set[str]) -> None:
    for run in [*catalogue.every(source, f"/datasets/{quote(str(dataset['name']), safe='')}/runs")][::-1]:
        said = {"runName": run["name"], "runDescription": run.get("description"), "metadata": run.get("metadata")}
        asked = {"datasetId": dataset["id"], "runName": run["name"]}
        for link in [*catalogue.every(source, "/dataset-run-items", asked)][::-1]:
            # What a run made of an item that is archived now has nothing to belong to.
            if link["datasetItemId"] in item_ids:
                target.post("/dataset-run-items", {**said, **catalogue.picked(link, _LINK_FIELDS)})
