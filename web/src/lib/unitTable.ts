/** A row of prefixes: each step is `base` times the one before; a value is given in step `start`. */
export interface Ladder {
  base: number;
  steps: readonly string[];
  start: number;
}

/** How a unit id writes its values. */
export interface UnitForm {
  ladder?: Ladder;
  /** Stands after the ladder's step: "B/s" in MB/s. */
  suffix: string;
  /** Stands before the number: "$". */
  prefix?: string;
  /** The step stands apart from the suffix: "1.2 K ops/s", not "1.2 Kops/s". */
  apart?: boolean;
}

const counts = ["", "K", "M", "G", "T", "P", "E"];
const si = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
const decimal = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const unity = 5;

/** Plain numbers in thousands: K, M, G. */
export const short: Ladder = { base: 1000, steps: counts, start: 0 };

const count = (suffix: string): UnitForm => ({ ladder: short, suffix, apart: true });
const scaled = (suffix: string, by = 0): UnitForm => ({ ladder: { base: 1000, steps: si, start: unity + by }, suffix });
const money = (prefix: string): UnitForm => ({ ladder: short, prefix, suffix: "" });
const moneyAfter = (suffix: string): UnitForm => ({ ladder: short, suffix, apart: true });
const plain = (suffix: string): UnitForm => ({ suffix });

function amounts(names: readonly string[], base: 1000 | 1024, suffix: string): [string, UnitForm][] {
  const steps = base === 1024 ? binary : decimal;
  return names.map((name, start) => [name, { ladder: { base, steps, start }, suffix }]);
}

/** Grafana's unit ids that stand for a prefix, a ladder of steps and a suffix. Durations, dates and words are elsewhere. */
export const forms: ReadonlyMap<string, UnitForm> = new Map<string, UnitForm>([
  ["short", { ladder: short, suffix: "" }],
  ["sishort", scaled("")],
  ...amounts(["bytes", "kbytes", "mbytes", "gbytes", "tbytes", "pbytes"], 1024, "B"),
  ...amounts(["decbytes", "deckbytes", "decmbytes", "decgbytes", "dectbytes", "decpbytes"], 1000, "B"),
  ...amounts(["bits"], 1024, "b"),
  ...amounts(["decbits"], 1000, "b"),
  ...amounts(["binBps", "KiBs", "MiBs", "GiBs", "TiBs", "PiBs"], 1024, "B/s"),
  ...amounts(["Bps", "KBs", "MBs", "GBs", "TBs", "PBs"], 1000, "B/s"),
  ...amounts(["binbps", "Kibits", "Mibits", "Gibits", "Tibits", "Pibits"], 1024, "b/s"),
  ...amounts(["bps", "Kbits", "Mbits", "Gbits", "Tbits", "Pbits"], 1000, "b/s"),
  ["pps", count("packets/s")],
  ["ops", count("ops/s")],
  ["reqps", count("req/s")],
  ["rps", count("reads/s")],
  ["wps", count("writes/s")],
  ["iops", count("io/s")],
  ["cps", count("/s")],
  ["mps", count("msg/s")],
  ["eps", count("events/s")],
  ["recps", count("records/s")],
  ["rowsps", count("rows/s")],
  ["opm", count("ops/min")],
  ["rpm", count("reads/min")],
  ["wpm", count("writes/min")],
  ["cpm", count("/min")],
  ["epm", count("events/min")],
  ["reqpm", count("req/min")],
  ["mpm", count("msg/min")],
  ["hertz", scaled("Hz")],
  ["rotrpm", scaled("rpm")],
  ["rothz", scaled("Hz")],
  ["celsius", plain("°C")],
  ["fahrenheit", plain("°F")],
  ["kelvin", plain("K")],
  ["watt", scaled("W")],
  ["kwatt", scaled("W", 1)],
  ["megwatt", scaled("W", 2)],
  ["mwatt", scaled("W", -1)],
  ["watth", scaled("Wh")],
  ["kwatth", scaled("Wh", 1)],
  ["voltamp", scaled("VA")],
  ["joule", scaled("J")],
  ["volt", scaled("V")],
  ["kvolt", scaled("V", 1)],
  ["mvolt", scaled("V", -1)],
  ["amp", scaled("A")],
  ["mamp", scaled("A", -1)],
  ["kamp", scaled("A", 1)],
  ["ohm", scaled("Ω")],
  ["farad", scaled("F")],
  ["dBm", plain("dBm")],
  ["dB", plain("dB")],
  ["humidity", plain("%H")],
  ["pressurehpa", plain("hPa")],
  ["pressurembar", scaled("bar", -1)],
  ["pressurebar", scaled("bar")],
  ["pressurepsi", plain("psi")],
  ["ppm", plain("ppm")],
  ["lengthm", scaled("m")],
  ["lengthmm", scaled("m", -1)],
  ["lengthkm", scaled("m", 1)],
  ["velocityms", plain("m/s")],
  ["velocitykmh", plain("km/h")],
  ["massg", scaled("g")],
  ["masskg", scaled("g", 1)],
  ["litre", scaled("L")],
  ["flops", scaled("FLOPS")],
  ["Hs", scaled("H/s")],
  ["currencyUSD", money("$")],
  ["currencyEUR", money("€")],
  ["currencyGBP", money("£")],
  ["currencyJPY", money("¥")],
  ["currencyINR", money("₹")],
  ["currencyKRW", money("₩")],
  ["currencyRUB", money("₽")],
  ["currencyUAH", money("₴")],
  ["currencyBRL", money("R$")],
  ["currencyTRY", money("₺")],
  ["currencyBTC", money("₿")],
  ["currencyZAR", money("R")],
  ["currencyIDR", money("Rp")],
  ["currencyPHP", money("₱")],
  ["currencyVND", moneyAfter("₫")],
  ["currencyCHF", moneyAfter("CHF")],
  ["currencySEK", moneyAfter("kr")],
  ["currencyNOK", moneyAfter("kr")],
  ["currencyDKK", moneyAfter("kr")],
  ["currencyCZK", moneyAfter("Kč")],
  ["currencyPLN", moneyAfter("zł")],
]);

/** The form of an id that carries its own text: `suffix:x`, `prefix:x`, `currency:x`, `count:x`, `si:mV`; undefined for others. */
export function spelledForm(unit: string): UnitForm | undefined {
  const colon = unit.indexOf(":");
  if (colon < 0) return undefined;
  const text = unit.slice(colon + 1);
  switch (unit.slice(0, colon)) {
    case "suffix":
      return { suffix: text };
    case "prefix":
      return { prefix: text, suffix: "" };
    case "currency":
      return money(text);
    case "count":
      return count(text);
    case "si": {
      // The text may begin with the step its values are given in.
      const step = text.length > 1 ? si.indexOf(text.charAt(0)) : -1;
      return step >= 0 ? scaled(text.slice(1), step - unity) : scaled(text);
    }
    default:
      return undefined;
  }
}

/** Seconds in one of the unit ids that are lengths of time. */
export const secondsPer: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-9],
  ["µs", 1e-6],
  ["us", 1e-6],
  ["ms", 1e-3],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
  ["timeticks", 0.01],
]);

/** What the two truth units write for no and yes. */
export const truths: ReadonlyMap<string, readonly [no: string, yes: string]> = new Map([
  ["bool", ["false", "true"]],
  ["bool_yes_no", ["No", "Yes"]],
  ["bool_on_off", ["Off", "On"]],
]);
