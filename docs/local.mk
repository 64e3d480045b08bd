# docs
dist_man_MANS += docs/man/rankferry-policy.1 docs/man/rankferry-policy.5
dist_man_MANS += docs/man/rankferry.1 docs/man/rankferry-run.1 docs/man/rankferry-doctor.1 \
	docs/man/rankferry-evacuate.1 docs/man/rankferry-events.1 docs/man/rankferry-migrate.1 docs/man/rankferry-plugin.7 docs/man/rankferry-plugins.1 \
	docs/man/rankferry-inspect.1 docs/man/rankferry-list.1 docs/man/rankferry-prune.1 docs/man/rankferry-return.1 docs/man/rankferry-restart.1 \
	docs/man/rankferry-verify.1 \
	docs/man/rankferry-snapshot.1 docs/man/rankferry-status.1
