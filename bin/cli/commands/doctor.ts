/** `vigie doctor`. */
import { systemClock } from '../../../lambdas/config/clock.ts'
import type { Finding } from '../../../lambdas/domain/checkup/finding.ts'
import { globalsOf, printOutcome } from '../run.ts'
import { bare } from '../table.ts'

export const doctorCommands = [
  bare('doctor', {
    description: 'look whether a home and its machine, or a stage and its account, are in order; it changes nothing',
    act: async (_, self) => {
      const { home, stage } = globalsOf(self)
      const { isHealthy } = await import('../../../lambdas/domain/checkup/finding.ts')
      const findings = stage === undefined ? await ofHome(home) : await ofStage(stage)
      const undone = findings.filter((finding) => !isHealthy([finding])).length
      const ok = isHealthy(findings)
      printOutcome('doctor', self, {
        ok,
        value: { ok, findings },
        lines: [
          ...findings.flatMap(({ check, state, said, mend }) => [
            `${signs[state]} ${check}: ${said}`,
            ...(mend === undefined ? [] : [`  → ${mend}`]),
          ]),
          undone === 0 ? 'all in order' : `${undone} to be mended`,
        ],
      })
    },
  }),
]

const signs: Readonly<Record<Finding['state'], string>> = { good: '✓', note: '·', mend: '✗', unread: '?' }

const ofHome = async (home: string): Promise<readonly Finding[]> => {
  const { homeFindings } = await import('../../../lambdas/domain/checkup/home-findings.ts')
  const { homeFacts } = await import('../home-facts.ts')
  return homeFindings(await homeFacts(home), systemClock().toISOString())
}

const ofStage = async (stage: string): Promise<readonly Finding[]> => {
  const { stageFindings } = await import('../../../lambdas/domain/checkup/stage-findings.ts')
  const { stageFacts } = await import('../stage-facts.ts')
  const facts = await stageFacts(stage)
  // By AWS's clock, where it is known: the one here may be what is wrong.
  const now = 'value' in facts.clock ? facts.clock.value.there : systemClock().toISOString()
  return stageFindings(facts, now)
}
