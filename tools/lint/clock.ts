/**
 * Lint rule `vigie/no-machine-clock`: a module takes its clock as a value. The modules that hand a clock out are
 * excepted in oxlint.config.ts.
 */

type Named = { readonly type: string; readonly name?: string }
type Node = { readonly callee: Named; readonly arguments: readonly unknown[] }
type Member = { readonly object: Named; readonly property: Named }
type Context = { report(found: { readonly node: unknown; readonly message: string }): void }

const message =
  'Take the clock as a value: systemClock of lambdas/config/clock.ts in the product, test/support/clock.ts in tests.'

const clocks = new Set(['Date.now', 'Temporal.Now'])

export default {
  meta: { name: 'vigie' },
  rules: {
    'no-machine-clock': {
      create: (context: Context) => ({
        NewExpression: (node: Node) => {
          if (node.callee.name === 'Date' && node.arguments.length === 0) context.report({ node, message })
        },
        CallExpression: (node: Node) => {
          if (node.callee.name === 'Date') context.report({ node, message })
        },
        MemberExpression: (node: Member) => {
          if (clocks.has(`${node.object.name}.${node.property.name}`)) context.report({ node, message })
        },
      }),
    },
  },
}
