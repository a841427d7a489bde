import { Button, Modal } from "@mantine/core";
import { useState } from "react";

import { isObj, type Obj } from "../../../lib/dashboard/json";
import { JsonField } from "./JsonField";
import classes from "./edit.module.css";

interface JsonDialogProps {
  title: string;
  value: Obj;
  onClose: () => void;
  onApply: (value: Obj) => void;
}

/** JSON as text. It is taken over only when it can be read. */
export function JsonDialog({ title, value, onClose, onApply }: JsonDialogProps) {
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const [error, setError] = useState("");
  const apply = (): void => {
    const read = parseObject(text);
    if (typeof read === "string") return setError(read);
    onApply(read);
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={title} size="90%" transitionProps={{ duration: 120 }}>
      <JsonField label={title} value={text} onChange={setText} rows={28} />
      {error !== "" && (
        <p role="alert" className={classes.problem}>
          {error}
        </p>
      )}
      <Button mt={8} onClick={apply}>
        Apply
      </Button>
    </Modal>
  );
}

/** The object in a text, or a sentence on why there is none. */
export function parseObject(text: string): Obj | string {
  try {
    const value: unknown = JSON.parse(text);
    return isObj(value) ? value : "This is JSON, but no object.";
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
