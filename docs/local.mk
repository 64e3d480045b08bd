# docs
dist_man_MANS += docs/man/rankferry.1 docs/man/rankferry-run.1 docs/man/rankferry-doctor.1
