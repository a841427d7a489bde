/**
 * Sends series to Prometheus' remote write: each `{labels, at}`, where `at(ms)` is its value, for each of `times`. They are
 * written as if it were `ago` milliseconds earlier.
 */
export async function writeSeries(base, series, times, ago = 0) {
  // A store takes no sample that is much older than the newest: all series go forward together.
  for (let i = 0; i < times.length; i += mostTimes) {
    // oxlint-disable-next-line no-await-in-loop
    await writeSlice(base, series, times.slice(i, i + mostTimes), ago);
  }
}

const mostTimes = 100;

async function writeSlice(base, series, times, ago) {
  const batch = Math.max(1, Math.floor(20_000 / times.length));
  for (let i = 0; i < series.length; i += batch) {
    const body = snappy(Buffer.concat(series.slice(i, i + batch).map((one) => field(1, timeSeries(one, times, ago)))));
    // One after the other: the receiver orders them by time.
    // oxlint-disable-next-line no-await-in-loop
    const answer = await fetch(`${base}/api/v1/write`, {
      method: "POST",
      headers: { "Content-Type": "application/x-protobuf", "Content-Encoding": "snappy", "X-Prometheus-Remote-Write-Version": "0.1.0" },
      body,
    });
    // oxlint-disable-next-line no-await-in-loop
    if (!answer.ok) throw new Error(`remote write: ${answer.status} ${await answer.text()}`);
  }
}

/** Sends lines to Loki's push API: all of each stream `{labels, lines}` at each of `times`, spread over the millisecond. */
export async function writeLines(base, streams, times) {
  if (streams.length === 0 || times.length === 0) return;
  const stamp = (ms, i) => `${ms}${String(i % 1_000_000).padStart(6, "0")}`;
  const body = { streams: streams.map(({ labels, lines }) => ({ stream: labels, values: times.flatMap((ms) => lines.map((line, i) => [stamp(ms, i), line])) })) };
  const answer = await fetch(`${base}/loki/api/v1/push`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`loki push: ${answer.status} ${await answer.text()}`);
}

function timeSeries({ labels, at }, times, ago) {
  const names = Object.keys(labels).toSorted((a, b) => (a < b ? -1 : 1));
  const parts = names.map((name) => field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(labels[name]))])));
  for (const time of times) {
    const sample = Buffer.alloc(9);
    sample[0] = (1 << 3) | 1;
    sample.writeDoubleLE(at(time), 1);
    parts.push(field(2, Buffer.concat([sample, Buffer.from([2 << 3]), varint(time - ago)])));
  }
  return Buffer.concat(parts);
}

function field(number, bytes) {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

function varint(value) {
  const bytes = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** Snappy's block format with literals alone: nothing is compressed, any reader understands it. */
function snappy(bytes) {
  const parts = [varint(bytes.length)];
  for (let i = 0; i < bytes.length; i += 65_536) {
    const chunk = bytes.subarray(i, i + 65_536);
    const size = Buffer.alloc(3);
    size[0] = 61 << 2;
    size.writeUInt16LE(chunk.length - 1, 1);
    parts.push(size, chunk);
  }
  return Buffer.concat(parts);
}
