/** The project's own lint rules. */

type Named = { readonly type: string; readonly name?: string }
type Call = {
  readonly callee: Named & { readonly property?: Named }
  readonly arguments: readonly { readonly type: string; readonly argument?: Named }[]
}
type Member = { readonly object: Named; readonly property: Named }
type Context = { report(found: { readonly node: unknown; readonly message: string }): void }

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

export default {
  meta: { name: 'vigie' },
  rules: { 'no-machine-clock': { create: noMachineClock }, 'no-long-spread': { create: noLongSpread } },
}
