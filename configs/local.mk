# policies to begin with, and their schema for editors
policiesdir = $(pkgdatadir)/policies
dist_policies_DATA = \
	configs/cluster-maintenance.yaml \
	configs/laptop-demo.yaml \
	configs/long-job-flaky-nodes.yaml \
	configs/policy.schema.json \
	configs/spot-nodes.yaml \
	configs/workstation-pool.yaml
