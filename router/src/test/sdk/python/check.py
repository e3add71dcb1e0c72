"""Drives a running KVLane with the unmodified OpenAI and Anthropic SDKs.

usage: check.py BASE_URL MODEL        e.g. check.py http://127.0.0.1:8101 kvlane-demo

Prints one line a check; exits with 1 if one failed.
"""

import sys
import time
import traceback
import uuid

import anthropic
import openai

BASE_URL, MODEL = sys.argv[1].rstrip("/"), sys.argv[2]
TOKENS = 12

client = openai.OpenAI(base_url=f"{BASE_URL}/v1", api_key="none", max_retries=0, timeout=30)
claude = anthropic.Anthropic(base_url=BASE_URL, api_key="none", max_retries=0, timeout=30)


def user(text):
    return [{"role": "user", "content": text}]


def long_prompt():
    """About a thousand words that no earlier run has sent."""
    salt = uuid.uuid4().hex
    return " ".join(f"{salt} line {i} of the timetable." for i in range(200))


def chat_plain():
    answer = client.chat.completions.create(
        model=MODEL, messages=user("How far is it?"), max_tokens=TOKENS
    )
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].message.content
    assert answer.usage.completion_tokens == TOKENS, answer.usage
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + TOKENS, answer.usage


def chat_streamed(**options):
    stream = client.chat.completions.create(
        model=MODEL, messages=user("How far is it?"), max_tokens=TOKENS, stream=True, **options
    )
    chunks = list(stream)
    choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
    text = "".join(choice.delta.content or "" for choice in choices)
    assert text.strip(), chunks
    assert len(choices) >= TOKENS, f"{len(choices)} chunks for {TOKENS} tokens"
    assert choices[-1].finish_reason == "length", choices[-1]
    assert all(choice.finish_reason is None for choice in choices[:-1])
    assert len({chunk.id for chunk in chunks}) == 1
    return chunks


def chat_streamed_usage_not_asked_for_is_absent():
    chunks = chat_streamed()
    assert all(chunk.usage is None for chunk in chunks)
    assert all(chunk.choices for chunk in chunks), "the usage chunk came through"


def chat_streamed_usage_asked_for_is_last():
    chunks = chat_streamed(stream_options={"include_usage": True})
    assert not chunks[-1].choices
    assert chunks[-1].usage.completion_tokens == TOKENS, chunks[-1]


def chat_stream_helper_assembles_the_answer():
    with client.chat.completions.stream(
        model=MODEL, messages=user("How far is it?"), max_tokens=TOKENS
    ) as stream:
        deltas = "".join(event.delta for event in stream if event.type == "content.delta")
        try:
            whole = stream.get_final_completion()
        except openai.LengthFinishReasonError as cut:  # the helper's way to say max_tokens
            whole = cut.completion
    assert whole.choices[0].message.content == deltas
    assert deltas.strip()


def completions():
    answer = client.completions.create(model=MODEL, prompt="It is", max_tokens=TOKENS)
    assert answer.choices[0].text
    assert answer.usage.completion_tokens == TOKENS
    chunks = list(
        client.completions.create(model=MODEL, prompt="It is", max_tokens=TOKENS, stream=True)
    )
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices).strip()
    assert all(chunk.usage is None for chunk in chunks)


def embeddings():
    answer = client.embeddings.create(model=MODEL, input=["one", "two"])
    assert [item.index for item in answer.data] == [0, 1]
    assert all(len(item.embedding) > 1 for item in answer.data)
    assert answer.data[0].embedding != answer.data[1].embedding


def responses_plain():
    answer = client.responses.create(model=MODEL, input="How far?", max_output_tokens=TOKENS)
    assert answer.output_text
    assert answer.usage.output_tokens == TOKENS, answer.usage


def responses_streamed():
    with client.responses.create(
        model=MODEL, input="How far?", max_output_tokens=TOKENS, stream=True
    ) as stream:
        events = list(stream)
    kinds = [event.type for event in events]
    assert kinds[0] == "response.created", kinds
    assert kinds[-1] in ("response.completed", "response.incomplete"), kinds
    deltas = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert deltas and deltas == events[-1].response.output_text
    numbers = [event.sequence_number for event in events]
    assert numbers == sorted(set(numbers)), numbers


def models():
    assert MODEL in [model.id for model in client.models.list()]


def unknown_model_is_not_found():
    try:
        client.chat.completions.create(model="no-such-model", messages=user("Hello"))
    except openai.NotFoundError as error:
        assert error.status_code == 404
        assert "model" in error.message, error.message
        assert error.code == "model_not_found", error.body
        assert error.type and "param" in error.body, error.body
        assert error.request_id, "no x-request-id"
    else:
        raise AssertionError("no error")


def bad_request_is_bad_request():
    try:
        client.chat.completions.create(model=MODEL, messages="not a list")
    except openai.BadRequestError as error:
        assert error.status_code == 400
        assert "messages" in error.message, error.message
    else:
        raise AssertionError("no error")


def raw_response_has_the_headers():
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=user("Which way?"), max_tokens=2
    )
    assert raw.parse().choices[0].message.content
    for name in ("x-request-id", "x-kvlane-region", "x-kvlane-replica"):
        assert raw.headers.get(name), f"no {name} in {dict(raw.headers)}"
    assert int(raw.headers["x-kvlane-cached-tokens"]) >= 0
    assert raw.headers["x-kvlane-decision"] in ("hit", "spill", "home", "failover", "forward")


def again_until_predicted(send):
    """Sends a prompt again until the map has it, which is a matter of milliseconds.

    Until then it may go elsewhere, even to another region where there is one.
    """
    asked = [send().headers["x-kvlane-replica"]]
    end = time.monotonic() + 10
    while True:
        again = send()
        replica = again.headers["x-kvlane-replica"]
        if int(again.headers["x-kvlane-cached-tokens"]) > 0:
            break
        assert time.monotonic() < end, f"never predicted: {dict(again.headers)}"
        asked.append(replica)
        time.sleep(0.1)
    assert replica in asked, f"{replica} was never asked, but {asked}"
    return again


def second_long_prompt_is_warm():
    prompt = long_prompt()
    again = again_until_predicted(
        lambda: client.chat.completions.with_raw_response.create(
            model=MODEL, messages=user(prompt), max_tokens=2
        )
    )
    cached = again.parse().usage.prompt_tokens_details.cached_tokens
    assert cached > 0, "the engine did not have what the router predicted"


def client_that_leaves_early_is_no_trouble():
    for _ in range(5):
        stream = client.chat.completions.create(
            model=MODEL, messages=user("Go on"), max_tokens=400, stream=True
        )
        next(iter(stream))
        stream.close()
    chat_plain()


def anthropic_plain():
    answer = claude.messages.create(model=MODEL, messages=user("How far?"), max_tokens=TOKENS)
    assert answer.role == "assistant" and answer.content[0].text
    assert answer.usage.output_tokens == TOKENS, answer.usage
    assert answer._request_id, "no request-id header"


def anthropic_streamed():
    with claude.messages.stream(
        model=MODEL, messages=user("How far?"), max_tokens=TOKENS
    ) as stream:
        text = "".join(stream.text_stream)
        whole = stream.get_final_message()
    assert text.strip() and text == whole.content[0].text
    assert whole.stop_reason == "max_tokens", whole.stop_reason
    assert whole.usage.output_tokens == TOKENS, whole.usage


def anthropic_second_long_prompt_is_warm():
    prompt = long_prompt()
    again = again_until_predicted(
        lambda: claude.messages.with_raw_response.create(
            model=MODEL, messages=user(prompt), max_tokens=2
        )
    )
    cached = again.parse().usage.cache_read_input_tokens
    assert cached > 0, "the engine did not have what the router predicted"


def anthropic_errors_have_its_shape():
    try:
        claude.messages.create(model="no-such-model", messages=user("Hello"), max_tokens=2)
    except anthropic.NotFoundError as error:
        assert error.body["type"] == "error", error.body
        assert error.body["error"]["type"] == "not_found_error", error.body
    else:
        raise AssertionError("no error")
    try:
        claude.messages.create(model=MODEL, messages="not a list", max_tokens=2)
    except anthropic.BadRequestError as error:
        assert error.body["error"]["type"] == "invalid_request_error", error.body
    else:
        raise AssertionError("no error")


CHECKS = [
    models,
    chat_plain,
    chat_streamed_usage_not_asked_for_is_absent,
    chat_streamed_usage_asked_for_is_last,
    chat_stream_helper_assembles_the_answer,
    completions,
    embeddings,
    responses_plain,
    responses_streamed,
    unknown_model_is_not_found,
    bad_request_is_bad_request,
    raw_response_has_the_headers,
    second_long_prompt_is_warm,
    client_that_leaves_early_is_no_trouble,
    anthropic_plain,
    anthropic_streamed,
    anthropic_second_long_prompt_is_warm,
    anthropic_errors_have_its_shape,
]


def main():
    failed = 0
    for check in CHECKS:
        try:
            check()
            print(f"ok      {check.__name__}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {check.__name__}", flush=True)
            traceback.print_exc(file=sys.stdout)
    print(
        f"openai {openai.__version__}, anthropic {anthropic.__version__}: "
        f"{len(CHECKS) - failed} of {len(CHECKS)} checks passed"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
