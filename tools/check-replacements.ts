/**
 * Fails where deploying a stage would replace something that holds data: `npm run check:replacements -- --stage prod`,
 * for CI before a change is merged. Needs the right to read the stage's stack, and no other.
 */
import cdkJson from '../cdk.json' with { type: 'json' }
import { messageOf } from '../lambdas/domain/core/text/thrown.ts'
import { replacementLines, replacements } from '../lib/replacements.ts'
import { readSettings } from '../lib/settings.ts'
import { cdkWords, contextWords } from './cdk-words.ts'
import { type DeployedStacks, deployedStacks } from './deployed-stack.ts'
import { synthesised, withFolder } from './run-cdk.ts'

const check = async (words: readonly string[], stacks: DeployedStacks, folder: string): Promise<number> => {
  const { context, profile, letGo } = cdkWords(words)
  if (profile !== undefined) process.env.AWS_PROFILE = profile
  const { stage } = readSettings({ ...cdkJson.context, ...context }, await stacks.region())
  const stackName = `vigie-${stage}`
  const { state } = await stacks.find(stackName)
  const next = await synthesised(stackName, contextWords(context), folder)
  if (!next) return 1
  const lost = state === 'there' ? replacements(await stacks.template(stackName), next.template, letGo) : []
  const lines = lost.length > 0 ? replacementLines(lost) : [`${stackName}: nothing that holds data would be replaced`]
  for (const line of lines) process.stdout.write(`${line}\n`)
  return lost.length > 0 ? 1 : 0
}

const stacks = deployedStacks()
try {
  process.exitCode = await withFolder((folder) => check(process.argv.slice(2), stacks, folder))
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = 1
} finally {
  stacks.close()
}
