# The two commands are `make run` and `make test`; every target is explained by `make help`.

VENV := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup run down test check contracts lock bench clean

help: ## explain every target 列出全部目标
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## prepare .venv and Kafka's jars; names what the machine lacks 准备运行环境
	@sh deploy/local/setup.sh

run: setup ## start everything with a demo city and live traffic, until Ctrl-C 启动并演示
	@sh deploy/local/run.sh

down: ## stop what `make run` or `wangge up` started 停止全部服务
	@if [ -x $(VENV)/wangge ]; then $(VENV)/wangge down; fi

test: setup check ## the checks and the whole suite, on real servers 检查并运行全部测试
	$(VENV)/python -m pytest --numprocesses 3 --max-worker-restart 0 \
	    --dist loadscope --no-loadscope-reorder

check: setup ## style, format, types and import directions 静态检查
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports

contracts: setup ## write schemas and examples anew, unless that breaks a reader 生成契约文件
	$(VENV)/python -m shared.contracts.generate

lock: setup ## write requirements.lock anew, with the newest versions allowed 更新依赖锁定
	$(VENV)/uv pip compile pyproject.toml --extra local --group dev --universal \
	    --python-version 3.11 --generate-hashes --upgrade --quiet \
	    --custom-compile-command "make lock" --output-file requirements.lock

bench: setup ## measure the pipeline, the ledger and the bare loop 性能测量
	$(VENV)/python -m benchmarks

clean: down ## remove .venv, all data of the stack and every cache 清除环境与数据
	rm -rf .venv .wangge .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
