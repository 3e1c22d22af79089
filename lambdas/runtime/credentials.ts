/**
 * Stands in for the SDK's chain of credential providers in bundles: a function has its credentials in the environment,
 * and the chain's clients for sign-ins of people and machines would be a tenth of its code.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env'

export const defaultProvider = () => fromEnv()
