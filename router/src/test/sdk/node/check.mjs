// Drives a running KVLane with the unmodified OpenAI SDK for Node.
//
// usage: node check.mjs BASE_URL MODEL        e.g. node check.mjs http://127.0.0.1:8101 kvlane-demo
//
// Prints one line a check; exits with 1 if one failed.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import OpenAI from "openai";

const [baseUrl, model] = process.argv.slice(2);
const client = new OpenAI({
  baseURL: `${baseUrl.replace(/\/$/, "")}/v1`,
  apiKey: "none",
  maxRetries: 0,
  timeout: 30_000,
});
const TOKENS = 12;
const user = (content) => [{ role: "user", content }];

async function streamed(options = {}) {
  const stream = await client.chat.completions.create({
    model,
    messages: user("How far is it?"),
    max_tokens: TOKENS,
    stream: true,
    ...options,
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const choices = chunks.flatMap((chunk) => chunk.choices);
  assert.ok(choices.map((choice) => choice.delta.content ?? "").join("").trim());
  assert.ok(choices.length >= TOKENS, `${choices.length} chunks for ${TOKENS} tokens`);
  assert.equal(choices.at(-1).finish_reason, "length");
  return chunks;
}

const checks = {
  async models() {
    const ids = [];
    for await (const entry of client.models.list()) ids.push(entry.id);
    assert.ok(ids.includes(model), ids.join(", "));
  },

  async chatPlain() {
    const answer = await client.chat.completions.create({
      model,
      messages: user("How far is it?"),
      max_tokens: TOKENS,
    });
    assert.ok(answer.choices[0].message.content);
    assert.equal(answer.usage.completion_tokens, TOKENS);
  },

  async chatStreamedUsageNotAskedForIsAbsent() {
    for (const chunk of await streamed()) {
      assert.ok(!chunk.usage, "usage that nobody asked for");
      assert.ok(chunk.choices.length > 0, "the usage chunk came through");
    }
  },

  async chatStreamedUsageAskedForIsLast() {
    const chunks = await streamed({ stream_options: { include_usage: true } });
    assert.equal(chunks.at(-1).choices.length, 0);
    assert.equal(chunks.at(-1).usage.completion_tokens, TOKENS);
  },

  async chatStreamHelperAssemblesTheAnswer() {
    const stream = client.chat.completions.stream({
      model,
      messages: user("How far is it?"),
      max_tokens: TOKENS,
    });
    let text = "";
    stream.on("content", (delta) => (text += delta));
    const whole = await stream.finalChatCompletion();
    assert.ok(text.trim());
    assert.equal(whole.choices[0].message.content, text);
  },

  async completions() {
    const answer = await client.completions.create({ model, prompt: "It is", max_tokens: TOKENS });
    assert.ok(answer.choices[0].text);
    const stream = await client.completions.create({
      model,
      prompt: "It is",
      max_tokens: TOKENS,
      stream: true,
    });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.text ?? "";
    assert.ok(text.trim());
  },

  async embeddings() {
    const answer = await client.embeddings.create({ model, input: ["one", "two"] });
    assert.deepEqual(answer.data.map((item) => item.index), [0, 1]);
    assert.ok(answer.data[0].embedding.length > 1);
  },

  async responsesPlain() {
    const answer = await client.responses.create({
      model,
      input: "How far?",
      max_output_tokens: TOKENS,
    });
    assert.ok(answer.output_text);
    assert.equal(answer.usage.output_tokens, TOKENS);
  },

  async responsesStreamed() {
    const stream = await client.responses.create({
      model,
      input: "How far?",
      max_output_tokens: TOKENS,
      stream: true,
    });
    const kinds = [];
    let text = "";
    for await (const event of stream) {
      kinds.push(event.type);
      if (event.type === "response.output_text.delta") text += event.delta;
    }
    assert.equal(kinds[0], "response.created");
    assert.match(kinds.at(-1), /^response\.(completed|incomplete)$/);
    assert.ok(text.trim());
  },

  async unknownModelIsNotFound() {
    await assert.rejects(
      client.chat.completions.create({ model: "no-such-model", messages: user("Hello") }),
      (error) => {
        assert.ok(error instanceof OpenAI.NotFoundError, String(error));
        assert.match(error.message, /model/);
        assert.equal(error.code, "model_not_found");
        assert.ok(error.requestID, "no x-request-id");
        return true;
      },
    );
  },

  async badRequestIsBadRequest() {
    await assert.rejects(
      client.chat.completions.create({ model, messages: "not a list" }),
      (error) => {
        assert.ok(error instanceof OpenAI.BadRequestError, String(error));
        assert.match(error.message, /messages/);
        return true;
      },
    );
  },

  async secondLongPromptIsWarm() {
    const salt = randomUUID();
    const prompt = Array.from({ length: 200 }, (_, i) => `${salt} line ${i} of it.`).join(" ");
    const send = () =>
      client.chat.completions
        .create({ model, messages: user(prompt), max_tokens: 2 })
        .withResponse();
    const first = await send();
    const end = Date.now() + 10_000;
    let again = await send();
    while (Number(again.response.headers.get("x-kvlane-cached-tokens")) === 0) {
      assert.ok(Date.now() < end, "never predicted");
      await pause(100);
      again = await send();
    }
    assert.equal(
      again.response.headers.get("x-kvlane-replica"),
      first.response.headers.get("x-kvlane-replica"),
    );
    assert.ok(again.data.usage.prompt_tokens_details.cached_tokens > 0);
  },

  async clientThatLeavesEarlyIsNoTrouble() {
    for (let i = 0; i < 5; i++) {
      const stream = await client.chat.completions.create({
        model,
        messages: user("Go on"),
        max_tokens: 400,
        stream: true,
      });
      for await (const chunk of stream) {
        assert.ok(chunk.id);
        break;
      }
      stream.controller.abort();
    }
    await checks.chatPlain();
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}\n${error.stack}`);
  }
}
const all = Object.keys(checks).length;
console.log(`openai for Node: ${all - failed} of ${all} checks passed`);
process.exitCode = failed === 0 ? 0 : 1;
