"""ElasticDash's own Python SDK: the third generation in the elasticdash.* vocabulary."""

import third_generation

from elasticdash import ElasticDash
from elasticdash.media import ElasticDashMedia

third_generation.run(ElasticDash(), ElasticDashMedia)
