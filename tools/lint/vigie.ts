/** The project's own lint rules. */
import { dirname, join, relative } from 'node:path'

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
const order: Readonly<Record<string, readonly string[]>> = {
  'lambdas/domain': [
    ...['core', 'access', 'detection', 'plate', 'aggregate', 'dossier', 'flash', 'coordination'],
    ...['report', 'page', 'looking', 'delivery', 'checkup'],
  ],
  'lambdas/intake': [
    'text',
    'record',
    'json',
    'stix',
    'table',
    'coordination',
    'csv',
    'meta',
    'xlsx',
    'lists',
    'posts',
    '.',
  ],
  'lambdas/store': ['.', 'detections', 'embedded'],
  'lambdas/usecases': [
    ...['.', 'archive', 'delivery', 'links', 'plates', 'detections', 'ingest', 'reports', 'detect', 'todo', 'trial'],
  ],
  'lambdas/web': ['shared', 'api', 'links', 'sign-in', '.', 'reading-room'],
}

/** Which folder of a root a file is in. */
const folderIn = (root: string, file: string): string => {
  const [folder = '.', ...rest] = file.slice(root.length + 1).split('/')
  return rest.length === 0 ? '.' : folder
}

const onlyEarlierFolders = (context: Context) => {
  const file = relative(process.cwd(), context.filename)
  const [root, folders] = Object.entries(order).find(([name]) => file.startsWith(`${name}/`)) ?? []
  if (!root || !folders) return {}
  const own = folders.indexOf(folderIn(root, file))
  const look = (node: { readonly source: { readonly value?: unknown } | null }) => {
    const written = node.source?.value
    if (typeof written !== 'string' || !written.startsWith('.')) return
    const imported = join(dirname(file), written)
    if (!imported.startsWith(`${root}/`)) return
    const folder = folderIn(root, imported)
    if (own < 0 || folders.indexOf(folder) > own)
      context.report({ node, message: `In ${root}/ a folder imports those before it: ${folders.join(', ')}.` })
  }
  return { ImportDeclaration: look, ExportNamedDeclaration: look, ExportAllDeclaration: look, ImportExpression: look }
}

export default {
  meta: { name: 'vigie' },
  rules: {
    'no-machine-clock': { create: noMachineClock },
    'no-long-spread': { create: noLongSpread },
    'only-earlier-folders': { create: onlyEarlierFolders },
  },
}
