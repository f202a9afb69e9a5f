"""An AsyncAPI document as a page that people read: no script, nothing from another host."""

import json
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any, Literal

Language = Literal["zh", "en"]
Schema = Mapping[str, Any]
STYLE = Path(__file__).with_name("asyncapi.css")
DAY_MS = 86_400_000

WORDS: dict[str, tuple[str, str]] = {
    "events": ("事件接口", "Events"),
    "this": ("本服务", "This service"),
    "system": ("全系统", "Whole system"),
    "topic": ("主题", "Topic"),
    "purpose": ("内容", "Purpose"),
    "written": ("写入", "Written by"),
    "read": ("读取", "Read by"),
    "key": ("键", "Key"),
    "partitions": ("分区", "Partitions"),
    "kept": ("保留", "Kept"),
    "ever": ("永久", "for ever"),
    "days": ("天", "days"),
    "field": ("字段", "Field"),
    "type": ("类型", "Type"),
    "meaning": ("含义", "Meaning"),
    "required": ("必填", "required"),
    "schema": ("JSON Schema", "JSON Schema"),
    "example": ("示例", "Example"),
    "headers": ("记录头", "Headers of every record"),
    "parts": ("组成部分", "Parts"),
    "list": ("列表", "list of"),
    "or": ("或", "or"),
    "open": ("可能增加", "may become more"),
}


class _Page:
    """Renders one document in one language."""

    def __init__(self, document: Mapping[str, Any], language: Language, of: str) -> None:
        self.document = document
        self.language = language
        self.of = of

    def word(self, name: str) -> str:
        return WORDS[name][self.language == "en"]

    def named(self, item: Mapping[str, Any]) -> str:
        """A title in this language: the document has Chinese titles, English summaries."""
        english = item.get("summary") or item.get("description", "").partition(". Key:")[0]
        return escape(item["title"] if self.language == "zh" else english)

    def render(self) -> str:
        title = f"{self.document['info']['title']} · {self.word('events')}"
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(title)}</title><style>{STYLE.read_text('utf-8')}</style></head>"
            f"<body>{self._head(title)}<main>{self._overview()}"
            + "".join(self._channel(name, one) for name, one in self._channels())
            + self._common()
            + "</main></body></html>"
        )

    def _channels(self) -> Iterable[tuple[str, Mapping[str, Any]]]:
        channels: Mapping[str, Mapping[str, Any]] = self.document["channels"]
        return channels.items()

    def _head(self, title: str) -> str:
        def link(label: str, of: str, language: str, *, on: bool) -> str:
            return f'<a class="{"on" if on else ""}" href="?of={of}&lang={language}">{label}</a>'

        scopes = [("service", self.word("this")), ("system", self.word("system"))]
        tongues = [("zh", "中文"), ("en", "English")]
        return (
            f"<header><h1>{escape(title)}</h1><nav>"
            + "".join(link(w, of, self.language, on=of == self.of) for of, w in scopes)
            + "<span></span>"
            + "".join(link(w, self.of, t, on=t == self.language) for t, w in tongues)
            + f'<span></span><a href="asyncapi.json?of={self.of}">AsyncAPI 3.0</a></nav></header>'
        )

    def _overview(self) -> str:
        names = ("topic", "purpose", "written", "read", "key", "partitions", "kept")
        rows = []
        for name, channel in self._channels():
            kafka = channel["bindings"]["kafka"]
            retention = kafka["topicConfiguration"]["retention.ms"]
            kept = f"{retention // DAY_MS} {self.word('days')}"
            key = channel["description"].partition("Key: ")[2].partition(". Written")[0]
            rows.append(
                [
                    f'<a href="#{name}"><code>{channel["address"]}</code></a>',
                    self.named(channel),
                    self._doers("send", name),
                    self._doers("receive", name),
                    escape(key),
                    str(kafka["partitions"]),
                    self.word("ever") if retention < 0 else kept,
                ]
            )
        return _table([self.word(name) for name in names], rows, "overview")

    def _doers(self, action: str, channel: str) -> str:
        suffix = f".{action}.{channel}"
        found = [name for name in self.document["operations"] if name.endswith(suffix)]
        return " ".join(f'<b class="{action}">{escape(n.partition(".")[0])}</b>' for n in found)

    def _channel(self, name: str, channel: Mapping[str, Any]) -> str:
        messages = self.document["components"]["messages"]
        return (
            f'<section id="{name}"><h2>{escape(channel["address"])}'
            f"<small>{self.named(channel)}</small></h2>"
            + "".join(self._message(messages[one]) for one in channel["messages"])
            + "</section>"
        )

    def _message(self, message: Mapping[str, Any]) -> str:
        event_type = escape(message["name"])
        example = escape(json.dumps(message["examples"][0], ensure_ascii=False, indent=2))
        return (
            f'<article id="{event_type}"><h3>{self.named(message)} <code>{event_type}</code></h3>'
            f"<p>{_prose(message['description'])}</p>"
            + self._fields(message["payload"]["schema"])
            + f'<p class="more"><a href="asyncapi/schemas/{event_type}.json">'
            f"{self.word('schema')}</a></p><details><summary>{self.word('example')}</summary>"
            f"<pre>{example}</pre></details></article>"
        )

    def _common(self) -> str:
        components = self.document["components"]
        headers = next(iter(components["messages"].values()))["headers"]
        general = {**headers, "properties": {**headers["properties"]}}
        for varying in ("ce_type", "ce_dataschema"):
            described = headers["properties"][varying]["description"]
            general["properties"][varying] = {"type": "string", "description": described}
        parts = "".join(self._part(name, one) for name, one in components["schemas"].items())
        return (
            f'<section id="headers"><h2>{self.word("headers")}</h2>'
            f"<article>{self._fields(general)}</article>"
            f'</section><section id="parts"><h2>{self.word("parts")}</h2>{parts}</section>'
        )

    def _part(self, name: str, schema: Schema) -> str:
        body = self._fields(schema) if "properties" in schema else f"<p>{self._type(schema)}</p>"
        prose = _prose(schema.get("description", ""))
        return f'<article id="part-{name}"><h3>{name}</h3><p>{prose}</p>{body}</article>'

    def _fields(self, schema: Schema) -> str:
        required = schema.get("required", ())
        rows = [
            [
                f"<code>{escape(name)}</code>"
                + (f' <i title="{self.word("required")}">*</i>' if name in required else ""),
                self._type(field),
                _prose(field.get("description", "")),
            ]
            for name, field in schema.get("properties", {}).items()
        ]
        return _table([self.word(name) for name in ("field", "type", "meaning")], rows, "fields")

    def _type(self, schema: Schema) -> str:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return f'<a href="#part-{name}">{name}</a>'
        if alternatives := [*schema.get("anyOf", ()), *schema.get("oneOf", ())]:
            shown = [self._type(one) for one in alternatives if one.get("type") != "null"]
            return f" {self.word('or')} ".join(shown)
        if "items" in schema or "prefixItems" in schema:
            places = schema.get("prefixItems") or [schema["items"]]
            return f"{self.word('list')} " + ", ".join(map(self._type, places))
        constant = [schema["const"]] if "const" in schema else ()
        words = [*constant, *schema.get("enum", ()), *schema.get("x-known-values", ())]
        if words:
            more = f" <small>({self.word('open')})</small>" if "x-known-values" in schema else ""
            return " ".join(f"<code>{escape(str(word))}</code>" for word in words) + more
        return escape(schema.get("format") or schema.get("type", "")) + _bounds(schema)


def _bounds(schema: Schema) -> str:
    names = ("pattern", "minLength", "maxLength", "minimum", "exclusiveMinimum", "maximum")
    found = [f"{name} {schema[name]}" for name in names if name in schema]
    return f" <small>{escape(', '.join(found))}</small>" if found else ""


def _prose(text: str) -> str:
    """Docstring text: blank lines part paragraphs, double backticks are code."""
    pieces = escape(text).split("``")
    marked = (f"<code>{one}</code>" if odd % 2 else one for odd, one in enumerate(pieces))
    return "".join(marked).replace("\n\n", "<br>")


def _table(head: list[str], rows: list[list[str]], kind: str) -> str:
    titles = "".join(f"<th>{escape(one)}</th>" for one in head)
    body = "".join("<tr>" + "".join(f"<td>{one}</td>" for one in row) + "</tr>" for row in rows)
    table = f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="{kind}">{table}</div>'


def render(document: Mapping[str, Any], language: Language, of: str) -> str:
    """The page of a document; ``of`` is ``service`` or ``system``, for the links."""
    return _Page(document, language, of).render()
