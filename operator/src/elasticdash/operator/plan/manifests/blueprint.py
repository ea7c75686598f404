"""What every builder works from: the instance as it was found, and the release it runs."""

from dataclasses import dataclass

from elasticdash.operator.api.enums import WebScaling, WorkerScaling
from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.plan import profiles
from elasticdash.operator.plan.observed import Instance, Observed
from elasticdash.operator.plan.release import Release

WEB = "web"
WORKER = "worker"
MIGRATION = "migration"


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One instance to build."""

    observed: Observed
    release: Release

    @property
    def instance(self) -> Instance:
        """The instance."""
        return self.observed.instance

    @property
    def spec(self) -> LoggerSpec:
        """What it should be."""
        return self.observed.instance.spec

    @property
    def name(self) -> str:
        """Its name."""
        return self.observed.instance.name

    @property
    def version(self) -> str:
        """The version that web and worker should run."""
        return self.spec.version or self.release.version

    @property
    def web_image(self) -> str:
        """Reference of web's image, which migrations run from too."""
        return self.release.product_image(WEB, self.spec.image, self.spec.web.image, self.version)

    @property
    def worker_image(self) -> str:
        """Reference of the workers' image."""
        return self.release.product_image(WORKER, self.spec.image, self.spec.worker.image, self.version)

    @property
    def web_scaling(self) -> WebScaling:
        """Who sets the number of web pods."""
        return profiles.web_scaling(self.spec)

    @property
    def worker_scaling(self) -> WorkerScaling:
        """Who sets the number of workers."""
        return profiles.worker_scaling(self.spec, self.observed.capabilities)

    def serves(self, kind: str) -> bool:
        """Whether the API server serves this kind."""
        return kind in self.observed.capabilities
