import { colorsTuple, createTheme, virtualColor } from "@mantine/core";

/** Mantine's theme over the tokens of styles/tokens.css: dense, flat, one accent. */
export const theme = createTheme({
  fontFamily: "var(--o-sans)",
  fontFamilyMonospace: "var(--o-mono)",
  fontSizes: { xs: "11px", sm: "12px", md: "13px", lg: "14px", xl: "16px" },
  lineHeights: { xs: "16px", sm: "16px", md: "20px", lg: "20px", xl: "24px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "2px", sm: "4px", md: "4px", lg: "6px", xl: "8px" },
  defaultRadius: "sm",
  autoContrast: true,
  // Where black and white are as readable, 4.58 to 1: one of them is enough on any colour.
  luminanceThreshold: 0.179,
  primaryColor: "accent",
  primaryShade: 6,
  colors: {
    // Mantine's neutrals, from the tokens: index 4 is the border of inputs, 6 of the dark ones their surface, 7 the page.
    gray: ["#F6F7F9", "#EEF0F4", "#E6EAF0", "#DCE1E8", "#7F8998", "#596372", "#596372", "#3E4754", "#2A313B", "#171B21"],
    dark: ["#E6E9EE", "#C6CCD5", "#9AA4B2", "#9AA4B2", "#6F7A89", "#2A313B", "#161A20", "#0F1216", "#1D222A", "#0B0E11"],
    accentLight: colorsTuple("#2457C5"),
    accentDark: colorsTuple("#6EA8FE"),
    accent: virtualColor({ name: "accent", light: "accentLight", dark: "accentDark" }),
    errorLight: colorsTuple("#C62F2F"),
    errorDark: colorsTuple("#F2706B"),
    error: virtualColor({ name: "error", light: "errorLight", dark: "errorDark" }),
    warnLight: colorsTuple("#945800"),
    warnDark: colorsTuple("#E8A33D"),
    warn: virtualColor({ name: "warn", light: "warnLight", dark: "warnDark" }),
  },
  components: {
    Button: { defaultProps: { size: "compact-sm" } },
    ActionIcon: { defaultProps: { variant: "subtle", size: "md", color: "gray" } },
    TextInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    Autocomplete: { defaultProps: { size: "xs" } },
    TagsInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", allowDeselect: false } },
    MultiSelect: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "xs" } },
    Checkbox: { defaultProps: { size: "xs" } },
    Tooltip: { defaultProps: { openDelay: 400 } },
    // The page itself never scrolls, so there is nothing to lock; the lock would add a style element without a nonce.
    Modal: { defaultProps: { lockScroll: false, closeButtonProps: { "aria-label": "Close" } } },
    // A dialog's head is no landmark of the page.
    ModalHeader: { defaultProps: { role: "none" } },
    Drawer: { defaultProps: { lockScroll: false, closeButtonProps: { "aria-label": "Close" } } },
    // The first item has the focus of a menu that opens; what else Mantine would give it has no role.
    Menu: { defaultProps: { shadow: "none", withInitialFocusPlaceholder: false } },
    Popover: { defaultProps: { shadow: "none" } },
  },
});
