import { createContext } from "react";

/** What a panel says where a value is missing (fieldConfig.defaults.noValue); "" says nothing of its own. */
export const NoValue = createContext("");
