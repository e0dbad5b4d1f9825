import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

/** Brass, the key's own colour and the only accent. */
const brass: MantineColorsTuple = [
  '#fbf6ea',
  '#f3e8cb',
  '#e8d3a0',
  '#dcbc70',
  '#cfa548',
  '#b98a2b',
  '#9a7020',
  '#7c5918',
  '#624613',
  '#47320d',
];
/** Paper to ink, a little warm. */
const gray: MantineColorsTuple = [
  '#f7f5f0',
  '#f0ede6',
  '#e6e2d9',
  '#d6d2c7',
  '#b5b0a3',
  '#8b8678',
  '#655f53',
  '#4a463d',
  '#332f29',
  '#1c1a17',
];
/** Ink for the dark scheme, drawn for it rather than inverted: 0 is text, 7 the page. */
const dark: MantineColorsTuple = [
  '#ece8de',
  '#cfcabd',
  '#aaa496',
  '#8f897b',
  '#3b382f',
  '#2b2923',
  '#211f1b',
  '#161513',
  '#100f0d',
  '#0b0a09',
];

/** Filled surfaces take their ink from the scheme: dark on pale brass at night, white on deep brass by day. */
const variantColors: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  if (input.variant !== 'filled') return colors;
  if (input.color !== 'red') return { ...colors, color: 'var(--cv-on-accent)' };
  return {
    ...colors,
    background: 'var(--cv-bad)',
    hover: 'var(--cv-bad-hover)',
    color: 'var(--cv-on-accent)',
  };
};

/** The head of a dialog is no banner: on a narrow screen the page has one already. */
const DIALOG = { attributes: { header: { role: 'presentation' } } };

export const theme = createTheme({
  primaryColor: 'brass',
  primaryShade: { light: 7, dark: 3 },
  variantColorResolver: variantColors,
  black: '#1c1a17',
  white: '#ffffff',
  colors: { brass, gray, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '22px', lineHeight: '30px' }, h2: { fontSize: '16px', lineHeight: '24px' } },
  },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.5', sm: '1.55', md: '1.6', lg: '1.6', xl: '1.4' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '8px', xl: '12px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Checkbox: { defaultProps: { iconColor: 'var(--cv-on-accent)' } },
    Button: { defaultProps: { size: 'sm' } },
    Drawer: {
      styles: { content: { border: '1px solid var(--cv-hairline)' } },
      defaultProps: {
        ...DIALOG,
        shadow: 'none',
        transitionProps: { duration: 120 },
        overlayProps: { backgroundOpacity: 0.35 },
      },
    },
    Modal: {
      styles: { content: { border: '1px solid var(--cv-hairline)' } },
      defaultProps: {
        ...DIALOG,
        shadow: 'none',
        overlayProps: { backgroundOpacity: 0.35 },
        transitionProps: { duration: 120 },
        centered: true,
      },
    },
    Tooltip: { defaultProps: { withArrow: false, transitionProps: { duration: 80 } } },
  },
});

/** Colours by meaning, each at least 4.5:1 on the surfaces that it is used on, in both schemes. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#faf9f5',
    '--mantine-color-text': '#1c1a17',
    '--mantine-color-dimmed': '#655f53',
    '--mantine-color-placeholder': '#767062',
    '--mantine-color-error': '#a8261b',
    '--mantine-color-anchor': '#7c5918',
    '--mantine-color-default-border': '#d6d2c7',
    '--cv-surface': '#ffffff',
    '--cv-sunken': '#f4f2ec',
    '--cv-hairline': '#e6e2d9',
    '--cv-accent': '#7c5918',
    '--cv-accent-soft': '#f6eed9',
    '--cv-good': '#22663c',
    '--cv-warn': '#855200',
    '--cv-on-accent': '#ffffff',
    '--cv-bad': '#a8261b',
    '--cv-bad-hover': '#8c1d14',
    '--cv-bad-soft': '#fbeeec',
    '--cv-series-0': '#8a6414',
    '--cv-series-1': '#2c6a9b',
    '--cv-series-2': '#8b3a75',
    '--cv-series-3': '#3b7a3f',
    '--cv-series-4': '#b2521b',
    '--cv-series-5': '#5a52a6',
    '--cv-series-6': '#16787a',
    '--cv-series-7': '#a83a4a',
    '--cv-series-8': '#5c7a12',
    '--cv-series-9': '#4f6272',
    '--cv-series-rest': '#8b8678',
  },
  dark: {
    '--mantine-color-body': '#131210',
    '--mantine-color-text': '#ece8de',
    '--mantine-color-dimmed': '#aaa496',
    '--mantine-color-placeholder': '#969081',
    '--mantine-color-error': '#ff9d92',
    '--mantine-color-anchor': '#dcbc70',
    '--mantine-color-default-border': '#3b382f',
    '--cv-surface': '#1a1916',
    '--cv-sunken': '#201e1a',
    '--cv-hairline': '#2b2923',
    '--cv-accent': '#dcbc70',
    '--cv-accent-soft': '#2d2617',
    '--cv-good': '#7fcf9a',
    '--cv-warn': '#e8b75a',
    '--cv-on-accent': '#161513',
    '--cv-bad': '#ff9d92',
    '--cv-bad-hover': '#ffb4ab',
    '--cv-bad-soft': '#2f1b18',
    '--cv-series-0': '#dcbc70',
    '--cv-series-1': '#7fb8e6',
    '--cv-series-2': '#d894c6',
    '--cv-series-3': '#8fce93',
    '--cv-series-4': '#f0a070',
    '--cv-series-5': '#b0a8f0',
    '--cv-series-6': '#6fcfce',
    '--cv-series-7': '#f09aa6',
    '--cv-series-8': '#c9e07a',
    '--cv-series-9': '#a9bccb',
    '--cv-series-rest': '#8f897b',
  },
});
