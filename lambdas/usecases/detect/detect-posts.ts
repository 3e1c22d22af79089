/** Finds coordination in posts and keeps it as candidates. No posts are stored. */
import { program } from '../../config/program.ts'
import { type Findings, findIn, type Parameters, type Progress } from '../../domain/coordination/find.ts'
import type { Post } from '../../domain/coordination/posts/post.ts'
import type { OrganisationIntake } from '../../domain/report/organisation.ts'
import {
  detectionsIn,
  type FoundDetection,
  lookedIn,
  type RunContext,
  wordOfRun,
} from '../../intake/posts/found-records.ts'
import { preparing } from '../../intake/record/prepare.ts'
import type { Reject } from '../../intake/record/record.ts'
import { type DetectServices, type FoundTally, keepFound } from './keep-found.ts'

type DetectRequest = Omit<RunContext, 'version' | 'prepare'> & {
  readonly parameters: Parameters
  readonly organisation: OrganisationIntake
  /** Earlier findings keep their marking. */
  readonly keepsMarking: boolean
  readonly dryRun: boolean
  step(progress: Progress): Promise<void>
}

type Detected = {
  readonly findings: Findings
  readonly found: readonly FoundDetection[]
  /** Clusters that are not valid detections, such as those without a time. */
  readonly rejects: readonly Reject[]
  readonly kept: FoundTally | null
}

/** @throws DetectError if the posts do not suit these parameters */
export const detectPosts = async (
  posts: readonly Post[],
  { parameters, organisation: { placing, aliases }, keepsMarking, dryRun, step, ...asked }: DetectRequest,
  services: DetectServices,
): Promise<Detected> => {
  const findings = await stepwise(findIn(posts, parameters), step)
  const run: RunContext = {
    ...asked,
    version: program.split(' ')[1] ?? '',
    prepare: preparing({
      aliases: aliases ? [aliases] : [],
      rules: placing ? [placing] : [],
      territories: asked.territories,
    }),
  }
  const { found, rejects } = detectionsIn(findings, parameters, run)
  const word = wordOfRun(findings, run, services.clock())
  return {
    findings,
    found,
    rejects,
    kept: dryRun
      ? null
      : await keepFound(found, { word, keepsMarking, looked: lookedIn(findings, parameters, run) }, services),
  }
}

const stepwise = async <Step, Done>(
  steps: Generator<Step, Done>,
  between: (step: Step) => Promise<void>,
): Promise<Done> => {
  for (let next = steps.next(); ; next = steps.next()) {
    if (next.done) return next.value
    await between(next.value)
  }
}
