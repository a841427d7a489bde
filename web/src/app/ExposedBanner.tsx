import classes from "./ExposedBanner.module.css";

/** Says that strangers can read and write here, while they can. */
export function ExposedBanner({ addresses }: { addresses: string[] }) {
  if (addresses.length === 0) return null;
  return (
    <div className={classes.banner} role="alert">
      Anyone who reaches {addresses.join(", ")} can read and write everything: there is no authentication. Set{" "}
      <code>web.config_file</code>, or listen on 127.0.0.1.
    </div>
  );
}
