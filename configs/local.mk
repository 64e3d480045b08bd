# policies to begin with, and their schema for editors
policiesdir = $(pkgdatadir)/policies
dist_policies_DATA = \
	configs/laptop-demo.yaml \
	configs/long-job-flaky-nodes.yaml \
	configs/policy.schema.json
