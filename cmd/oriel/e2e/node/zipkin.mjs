// A program that reports spans by Zipkin's library: a client's call, the
// server's side of it under the same id, and a local span that failed. It
// prints the trace id.
import zipkin from "zipkin";
import transport from "zipkin-transport-http";

const { Annotation, BatchRecorder, ExplicitContext, Tracer, jsonEncoder } = zipkin;
const { HttpLogger } = transport;

// A recorder for each of the two services, which share the context.
const loggers = [];
const ctxImpl = new ExplicitContext();
function tracer(localServiceName) {
  const logger = new HttpLogger({
    endpoint: `${process.env.ZIPKIN_URL}/api/v2/spans`,
    jsonEncoder: jsonEncoder.JSON_V2,
    httpInterval: 50,
  });
  loggers.push(logger);
  return new Tracer({ ctxImpl, localServiceName, recorder: new BatchRecorder({ logger, timeout: 1e6 }) });
}
const front = tracer("e2e-front");
const back = tracer("e2e-back");

const call = front.createRootId();
front.letId(call, () => {
  front.setId(call);
  front.recordServiceName("e2e-front");
  front.recordRpc("get /api");
  front.recordAnnotation(new Annotation.ClientSend());
  front.recordBinary("http.path", "/api");
});
back.letId(call, () => {
  back.setId(call);
  back.recordServiceName("e2e-back");
  back.recordRpc("get /api");
  back.recordAnnotation(new Annotation.ServerRecv());
  back.recordMessage("cache.miss");
});
const work = back.letId(call, () => back.createChildId());
back.letId(work, () => {
  back.recordServiceName("e2e-back");
  back.recordRpc("work");
  back.recordAnnotation(new Annotation.LocalOperationStart("work"));
  back.recordBinary("error", "it broke");
  back.recordAnnotation(new Annotation.LocalOperationStop());
});
back.letId(call, () => back.recordAnnotation(new Annotation.ServerSend()));
front.letId(call, () => front.recordAnnotation(new Annotation.ClientRecv()));

// Each of the two has all of its spans in one report.
const late = setTimeout(() => {
  throw new Error("no answer to the reports");
}, 30_000);
await Promise.all(
  loggers.map(
    (logger) =>
      new Promise((sent, failed) => {
        logger.on("success", sent);
        logger.on("error", failed);
      }),
  ),
);
clearTimeout(late);
console.log(call.traceId);
process.exit(0);
