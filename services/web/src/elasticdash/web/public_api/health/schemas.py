"""What the API says about itself."""

from elasticdash.web.wire import WireModel

# Deployment tools of Langfuse read the version of the API that is served, not of the product serving it.
API_VERSION = "4.16.0"


class HealthResponse(WireModel):
    """`status` is OK, or what is wrong."""

    status: str
    version: str = API_VERSION
