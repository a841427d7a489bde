import { getIn } from "./edit";
import type { Obj } from "./json";

/** One setting of a transformation: where it is in its options, and the control that it wants. */
export interface TransformSetting {
  label: string;
  path: readonly string[];
  /** A field and fields are chosen among those that reach the transformation; refs among the queries. */
  kind: "text" | "number" | "switch" | "choice" | "field" | "fields" | "label" | "labels" | "refs" | "calc" | "calcs" | "operand";
  choices?: readonly { value: string; label: string }[];
  /** What holds where the options say nothing. */
  fallback?: string | boolean;
  hint?: string;
  /** Other settings that it depends on. */
  when?: (options: Obj) => boolean;
}

/** What there is to say of a kind of transformation. */
export interface TransformKind {
  id: string;
  name: string;
  about: string;
  /** Its form: settings one by one, or one of its own. */
  form: readonly TransformSetting[] | "organize" | "groupBy" | "filterByValue" | "sortBy" | "convertFieldType" | "timeSeriesTable";
}

const words = (...pairs: readonly [value: string, label: string][]) => pairs.map(([value, label]) => ({ value, label }));
const mode = (wanted: string, fallback: string) => (options: Obj): boolean => (options.mode ?? fallback) === wanted;
const calculating = (wanted: string) => mode(wanted, "reduceRow");

const join: readonly TransformSetting[] = [
  { label: "By the field", path: ["byField"], kind: "field", hint: "the time" },
  { label: "Rows", path: ["mode"], kind: "choice", fallback: "outer", choices: words(["outer", "of any, one per value"], ["inner", "that all have"], ["outerTabular", "of any, each of them"]) },
];

/** The transformations that have a form, as they are offered. */
export const transformKinds: readonly TransformKind[] = [
  { id: "organize", name: "Organize fields", about: "Leaves out, orders and renames fields", form: "organize" },
  {
    id: "filterFieldsByName",
    name: "Filter fields by name",
    about: "Keeps the fields named, or that a pattern fits",
    form: [
      { label: "Keep", path: ["include", "names"], kind: "fields" },
      { label: "Keep what matches", path: ["include", "pattern"], kind: "text", hint: "/^cpu.*/" },
      { label: "Without", path: ["exclude", "names"], kind: "fields" },
      { label: "Without what matches", path: ["exclude", "pattern"], kind: "text" },
    ],
  },
  { id: "filterByRefId", name: "Filter by query", about: "Keeps the answers of some queries", form: [{ label: "Queries", path: ["include"], kind: "refs" }] },
  { id: "filterByValue", name: "Filter rows by value", about: "Keeps, or leaves out, rows by what they hold", form: "filterByValue" },
  {
    id: "renameByRegex",
    name: "Rename by pattern",
    about: "Replaces what a pattern finds in the fields' names",
    form: [
      { label: "Pattern", path: ["regex"], kind: "text", hint: "(.*)_total" },
      { label: "Replaced by", path: ["renamePattern"], kind: "text", hint: "$1" },
    ],
  },
  { id: "convertFieldType", name: "Convert field type", about: "Reads the values of fields as numbers, times or texts", form: "convertFieldType" },
  {
    id: "formatTime",
    name: "Format time",
    about: "Writes times as text",
    form: [
      { label: "Field", path: ["timeField"], kind: "field" },
      { label: "Format", path: ["outputFormat"], kind: "text", hint: "YYYY-MM-DD HH:mm:ss" },
      { label: "Time zone", path: ["timezone"], kind: "text", hint: "the page's" },
    ],
  },
  {
    id: "extractFields",
    name: "Extract fields",
    about: "Makes fields of JSON or pairs in a text",
    form: [
      { label: "From the field", path: ["source"], kind: "field" },
      { label: "Written as", path: ["format"], kind: "choice", fallback: "auto", choices: words(["auto", "JSON or pairs"], ["json", "JSON"], ["kvp", "key=value pairs"], ["regexp", "a pattern with names"], ["delimiter", "a list"]) },
      { label: "Pattern", path: ["regExp"], kind: "text", hint: "/(?<name>.*)/", when: (options) => options.format === "regexp" },
      { label: "Between", path: ["delimiter"], kind: "text", hint: ",", when: (options) => options.format === "delimiter" },
      { label: "Instead of all fields", path: ["replace"], kind: "switch", fallback: false },
      { label: "But keep the time", path: ["keepTime"], kind: "switch", fallback: false, when: (options) => options.replace === true },
    ],
  },
  { id: "merge", name: "Merge", about: "Puts all tables into one; rows that agree become one", form: [] },
  { id: "joinByField", name: "Join by field", about: "Puts tables side by side, by the values of one field", form: join },
  { id: "seriesToColumns", name: "Series to columns", about: "The older name of Join by field", form: join },
  {
    id: "joinByLabels",
    name: "Join by labels",
    about: "A row for each set of labels, a column for each value of one",
    form: [
      { label: "Columns by the label", path: ["value"], kind: "label" },
      { label: "Rows by", path: ["join"], kind: "labels", hint: "all others" },
    ],
  },
  { id: "seriesToRows", name: "Series to rows", about: "All values below each other, newest first", form: [] },
  {
    id: "concatenate",
    name: "Concatenate fields",
    about: "All fields side by side, as they are",
    form: [
      { label: "Name of the table", path: ["frameNameMode"], kind: "choice", fallback: "", choices: words(["", "names its fields"], ["label", "becomes a label"], ["drop", "is dropped"]) },
      { label: "Label", path: ["frameNameLabel"], kind: "text", hint: "frame", when: (options) => options.frameNameMode === "label" },
    ],
  },
  { id: "groupBy", name: "Group by", about: "Rows that agree become one; of other fields it has calculations", form: "groupBy" },
  {
    id: "groupingToMatrix",
    name: "Grouping to matrix",
    about: "A row and a column for each value of two fields",
    form: [
      { label: "Columns", path: ["columnField"], kind: "field", hint: "Time" },
      { label: "Rows", path: ["rowField"], kind: "field", hint: "Time" },
      { label: "Cells", path: ["valueField"], kind: "field", hint: "Value" },
      { label: "Where there is none", path: ["emptyValue"], kind: "choice", fallback: "empty", choices: words(["empty", "empty"], ["zero", "0"], ["null", "no value"], ["false", "false"], ["true", "true"]) },
    ],
  },
  {
    id: "partitionByValues",
    name: "Partition by values",
    about: "A table for each set of values of some fields",
    form: [
      { label: "Fields", path: ["fields"], kind: "fields" },
      { label: "Values become labels", path: ["naming", "asLabels"], kind: "switch", fallback: true },
      { label: "Keep the fields", path: ["keepFields"], kind: "switch", fallback: false },
    ],
  },
  { id: "sortBy", name: "Sort by", about: "Orders rows by their fields", form: "sortBy" },
  { id: "limit", name: "Limit", about: "The first rows", form: [{ label: "Rows", path: ["limitField"], kind: "text", hint: "10" }] },
  {
    id: "calculateField",
    name: "Add field from calculation",
    about: "A field calculated of others",
    form: [
      { label: "Calculated", path: ["mode"], kind: "choice", fallback: "reduceRow", choices: words(["reduceRow", "over each row"], ["binary", "of two fields"], ["unary", "of one field"], ["windowFunctions", "over the rows around"], ["cumulativeFunctions", "over all rows before"], ["index", "as the row's number"]) },
      { label: "Calculation", path: ["reduce", "reducer"], kind: "calc", fallback: "sum", when: calculating("reduceRow") },
      { label: "Of the fields", path: ["reduce", "include"], kind: "fields", hint: "all numbers", when: calculating("reduceRow") },
      { label: "Left", path: ["binary", "left"], kind: "operand", when: calculating("binary") },
      { label: "Operator", path: ["binary", "operator"], kind: "choice", fallback: "+", choices: ["+", "-", "*", "/", "**", "%", "==", "!=", ">", ">=", "<", "<="].map((value) => ({ value, label: value })), when: calculating("binary") },
      { label: "Right", path: ["binary", "right"], kind: "operand", when: calculating("binary") },
      { label: "Function", path: ["unary", "operator"], kind: "choice", fallback: "abs", choices: ["abs", "exp", "ln", "floor", "ceil", "round", "percent"].map((value) => ({ value, label: value })), when: calculating("unary") },
      { label: "Of the field", path: ["unary", "fieldName"], kind: "field", when: calculating("unary") },
      { label: "Of the field", path: ["window", "field"], kind: "field", when: calculating("windowFunctions") },
      { label: "Calculation", path: ["window", "reducer"], kind: "calc", fallback: "mean", when: calculating("windowFunctions") },
      { label: "Rows", path: ["window", "windowSize"], kind: "number", hint: "0.1", when: calculating("windowFunctions") },
      { label: "Counted", path: ["window", "windowSizeMode"], kind: "choice", fallback: "percentage", choices: words(["percentage", "as a share of all"], ["fixed", "as they are"]), when: calculating("windowFunctions") },
      { label: "Taken", path: ["window", "windowAlignment"], kind: "choice", fallback: "trailing", choices: words(["trailing", "before the row"], ["centered", "around the row"]), when: calculating("windowFunctions") },
      { label: "Of the field", path: ["cumulative", "field"], kind: "field", when: calculating("cumulativeFunctions") },
      { label: "Calculation", path: ["cumulative", "reducer"], kind: "choice", fallback: "sum", choices: words(["sum", "Total"], ["mean", "Mean"]), when: calculating("cumulativeFunctions") },
      { label: "As a share", path: ["index", "asPercentile"], kind: "switch", fallback: false, when: calculating("index") },
      { label: "Named", path: ["alias"], kind: "text", hint: "by the calculation" },
      { label: "Instead of all fields", path: ["replaceFields"], kind: "switch", fallback: false },
    ],
  },
  {
    id: "reduce",
    name: "Reduce",
    about: "One value of each field, by calculations",
    form: [
      { label: "As", path: ["mode"], kind: "choice", fallback: "seriesToRows", choices: words(["seriesToRows", "a row for each field"], ["reduceFields", "one row"]) },
      { label: "Calculations", path: ["reducers"], kind: "calcs", hint: "lastNotNull" },
      { label: "Labels as columns", path: ["labelsToFields"], kind: "switch", fallback: false, when: mode("seriesToRows", "seriesToRows") },
      { label: "Times too", path: ["includeTimeField"], kind: "switch", fallback: false },
    ],
  },
  {
    id: "histogram",
    name: "Histogram",
    about: "How often values fall into buckets",
    form: [
      { label: "Buckets", path: ["bucketCount"], kind: "number", hint: "30" },
      { label: "Width of a bucket", path: ["bucketSize"], kind: "number", hint: "auto" },
      { label: "First at", path: ["bucketOffset"], kind: "number", hint: "0" },
      { label: "All fields together", path: ["combine"], kind: "switch", fallback: false },
    ],
  },
  { id: "timeSeriesTable", name: "Time series to table", about: "A row for each series, with its course in a cell", form: "timeSeriesTable" },
  {
    id: "labelsToFields",
    name: "Labels to fields",
    about: "Fields, or rows, of the series' labels",
    form: [
      { label: "As", path: ["mode"], kind: "choice", fallback: "columns", choices: words(["columns", "columns"], ["rows", "rows"]) },
      { label: "Only", path: ["keepLabels"], kind: "labels", hint: "all labels" },
      { label: "Values named by", path: ["valueLabel"], kind: "label", hint: "none", when: mode("columns", "columns") },
    ],
  },
  {
    id: "prepareTimeSeries",
    name: "Prepare time series",
    about: "Another shape of the same series",
    form: [{ label: "Shape", path: ["format"], kind: "choice", fallback: "wide", choices: words(["wide", "one table, a column each"], ["multi", "a table each"], ["long", "one table, labels as columns"]) }],
  },
];

/** What there is to say of a transformation; undefined for one without a form. */
export function transformKind(id: string): TransformKind | undefined {
  return transformKinds.find((one) => one.id === id);
}

/** The settings of a form that count with the options as they are. */
export function settingsFor(form: readonly TransformSetting[], options: Obj): TransformSetting[] {
  return form.filter((setting) => setting.when?.(options) ?? true);
}

/** What a setting says, or what holds without. */
export function settingValue(options: Obj, setting: TransformSetting): unknown {
  return getIn(options, setting.path) ?? setting.fallback;
}
