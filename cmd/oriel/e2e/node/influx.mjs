// A program that writes points with InfluxDB's client libraries for its first
// and its second API, by their own defaults; only the server's address,
// INFLUX_HOST and INFLUX_PORT, is given.
import { InfluxDB as V1, FieldType } from "influx";
import { InfluxDB as V2, Point } from "@influxdata/influxdb-client";

const { INFLUX_HOST: host, INFLUX_PORT: port } = process.env;

const v1 = new V1({
  host,
  port: Number(port),
  database: "shop",
  schema: [
    {
      measurement: "orders_v1",
      fields: { paid: FieldType.INTEGER, open: FieldType.BOOLEAN, note: FieldType.STRING },
      tags: ["customer"],
    },
  ],
});
const [ping] = await v1.ping(5000);
if (!ping.online) {
  throw new Error(JSON.stringify(ping));
}
await v1.createDatabase("shop");
if (!(await v1.getDatabaseNames()).includes("shop")) {
  throw new Error("the database that was created is not listed");
}
await v1.writePoints(
  Array.from({ length: 1000 }, (_, i) => ({
    measurement: "orders_v1",
    tags: { customer: `c ${i},=` },
    fields: { paid: i, open: i % 2 === 0, note: 'a "text"' },
  })),
);

const write = new V2({ url: `http://${host}:${port}`, token: "any" }).getWriteApi("org", "shop", "ms", {
  gzipThreshold: 0,
});
for (let i = 0; i < 1000; i++) {
  write.writePoint(new Point("orders_v2").tag("customer", `c ${i},=`).floatField("value", i / 2).uintField("items", i));
}
await write.close();
