/** The project's own lint rules. */
import { dirname, join, relative } from 'node:path'
import messages from '../../templates/messages/faults.en.json' with { type: 'json' }
import { placeholdersIn } from './messages.ts'

type Named = { readonly type: string; readonly name?: string }
type Call = {
  readonly callee: Named & { readonly property?: Named }
  readonly arguments: readonly { readonly type: string; readonly argument?: Named }[]
}
type Member = { readonly object: Named; readonly property: Named }
type Context = { readonly filename: string; report(found: { readonly node: unknown; readonly message: string }): void }

const clocks = new Set(['Date.now', 'Temporal.Now'])
const takingMany = new Set(['push', 'unshift', 'max', 'min'])

/** A module takes its clock as a value. The modules that hand one out are excepted in oxlint.config.ts. */
const noMachineClock = (context: Context) => {
  const report = (node: unknown) =>
    context.report({
      node,
      message:
        'Take the clock as a value: systemClock of lambdas/config/clock.ts in the product, test/support/clock.ts in tests.',
    })
  return {
    NewExpression: (node: Call) => {
      if (node.callee.name === 'Date' && node.arguments.length === 0) report(node)
    },
    CallExpression: (node: Call) => {
      if (node.callee.name === 'Date') report(node)
    },
    MemberExpression: (node: Member) => {
      if (clocks.has(`${node.object.name}.${node.property.name}`)) report(node)
    },
  }
}

/** A call takes some 100,000 arguments, and lists are longer. */
const noLongSpread = (context: Context) => ({
  CallExpression: (node: Call) => {
    const isLong = node.arguments.some(
      ({ type, argument }) => type === 'SpreadElement' && argument?.type !== 'ArrayExpression',
    )
    if (isLong && takingMany.has(node.callee.property?.name ?? ''))
      context.report({ node, message: 'Use pushAll, maximum or minimum of lambdas/domain/core/lists.ts.' })
  },
})

/** Folders in their order: each imports itself and those before it. `.` is what lies beside them. */
const orders = {
  'lambdas/domain':
    'core access detection plate aggregate dossier flash coordination report page looking delivery checkup',
  'lambdas/intake': 'text record json stix table coordination csv meta xlsx lists posts .',
  'lambdas/store': 'table intake reports delivery detections embedded',
  'lambdas/usecases': '. archive delivery links plates retention detections ingest reports detect todo',
  'lambdas/web': 'shared api links sign-in . reading-room',
}

/** Which folder of a root a file is in. */
const folderIn = (root: string, file: string): string => {
  const [folder = '.', ...rest] = file.slice(root.length + 1).split('/')
  return rest.length === 0 ? '.' : folder
}

/** Who may import whom: of the first row that a file is of, what it imports of this repository. */
const rooms: readonly { readonly files: RegExp; readonly may: RegExp; readonly message: string }[] = [
  {
    files: /^lambdas\/domain\//,
    may: /^(lambdas\/domain|templates\/messages)\//,
    message: 'domain/ is pure: it imports itself and the message catalogues only.',
  },
  {
    files: /^lambdas\/intake\//,
    may: /^lambdas\/(domain|intake)\//,
    message: 'intake/ turns text into detections: it imports domain/ and itself.',
  },
  ...['store', 'archive', 'mail', 'keys', 'render'].map((room) => ({
    files: new RegExp(`^lambdas/${room}/`),
    may: new RegExp(
      `^(lambdas/(${room}|domain|config|templating${room === 'store' ? '|intake/record' : ''})|templates)/`,
    ),
    message: 'store/, archive/, mail/, keys/ and render/ never import each other: a use case joins them.',
  })),
  {
    files: /^lambdas\/usecases\//,
    may: /^lambdas\/(?!web\/|runtime\/|store\/embedded\/)\w+\/(?!.*\.local\.ts$)/,
    message: 'A use case knows neither the web, a function, nor the command line.',
  },
  {
    files: /^lambdas\/web\//,
    may: /^(lambdas\/(web|usecases|domain|config|templating)\/|templates\/messages\/|lambdas\/render\/fonts\.ts$)/,
    message: 'web/ turns requests into use cases and their answers into pages: it is given the use cases.',
  },
  {
    files: /^lambdas\/([^/]+\.ts$|runtime\/)/,
    may: /^(?!bin\/|lambdas\/store\/embedded\/)(?!.*\.local\.ts$)/,
    message: '*.local.ts and store/embedded/ stand in for AWS on a laptop: nothing that deploys imports them.',
  },
  {
    files: /^bin\/cli\//,
    may: /^(?!lambdas\/[^/]+\.ts$)/,
    message: 'The command line calls use cases, and no function.',
  },
  {
    files: /^(lib\/|bin\/app\.ts$)/,
    may: /^(?!lambdas\/)|^lambdas\/(config|domain)\/|^lambdas\/store\/table\/keys\.ts$/,
    message: 'Of lambdas/, lib/ imports what it deploys by: config/, the pure domain, and the table’s keys.',
  },
]

/** Holds each import of this repository against the rooms and the order of folders. */
const imports = (context: Context) => {
  const file = relative(process.cwd(), context.filename)
  const room = rooms.find(({ files }) => files.test(file))
  const [root, order = ''] = Object.entries(orders).find(([name]) => file.startsWith(`${name}/`)) ?? []
  const folders = order.split(' ')
  const faultOf = (imported: string): string | undefined => {
    if (room && !room.may.test(imported)) return room.message
    if (root === undefined || !imported.startsWith(`${root}/`)) return undefined
    const placeOf = (one: string) => folders.indexOf(folderIn(root, one))
    const [own, other] = [placeOf(file), placeOf(imported)]
    return own < 0 || other > own ? `In ${root}/ a folder imports those before it: ${order}.` : undefined
  }
  const look = (node: { readonly source: { readonly value?: unknown } | null }) => {
    const written = node.source?.value
    if (typeof written !== 'string' || !written.startsWith('.')) return
    const message = faultOf(join(dirname(file), written))
    if (message !== undefined) context.report({ node, message })
  }
  return { ImportDeclaration: look, ExportNamedDeclaration: look, ExportAllDeclaration: look, ImportExpression: look }
}

type Written = {
  readonly type: string
  readonly value?: unknown
  readonly properties?: readonly { readonly type: string; readonly key?: Named & { readonly value?: unknown } }[]
}

/** A fault is made with the values that its message needs, where both can be read in the source. */
const faults = (context: Context) => ({
  CallExpression: (node: { readonly callee: Named; readonly arguments: readonly Written[] }) => {
    if (node.callee.name !== 'fault' && node.callee.name !== 'asMessage') return
    const [code, values] = node.arguments
    const message = (messages as Readonly<Record<string, string>>)[String(code?.value)]
    if (message === undefined || (values && values.type !== 'ObjectExpression')) return
    const properties = values?.properties ?? []
    if (properties.some(({ type }) => type !== 'Property')) return
    const given = properties.map(({ key }) => key?.name ?? String(key?.value)).toSorted()
    const wanted = placeholdersIn(message)
    if (given.join() !== wanted.join())
      context.report({
        node,
        message: `The message of ${String(code?.value)} has the values: ${wanted.join(', ') || 'none'}.`,
      })
  },
})

export default {
  meta: { name: 'vigie' },
  rules: {
    'no-machine-clock': { create: noMachineClock },
    'no-long-spread': { create: noLongSpread },
    imports: { create: imports },
    faults: { create: faults },
  },
}
