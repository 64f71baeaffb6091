import { z } from 'zod';

/**
 * The fields that we use of what extensions of Kubernetes define, by kind: Kubernetes has no schemas
 * of them. Sources: KEDA's reference of ScaledObject and of its trigger `temporal`, from 2.20 on; the
 * Prometheus Operator's reference of PodMonitor.
 */
export const EXTENSIONS: Record<string, z.ZodType> = {
  ScaledObject: z.strictObject({
    scaleTargetRef: z.strictObject({ name: z.string() }),
    minReplicaCount: z.int().min(1),
    maxReplicaCount: z.int().min(1),
    pollingInterval: z.int().min(1),
    advanced: z.strictObject({
      horizontalPodAutoscalerConfig: z.strictObject({ behavior: z.object() }),
    }),
    triggers: z.tuple([
      z.strictObject({
        type: z.literal('temporal'),
        metadata: z.strictObject({
          endpointFromEnv: z.string(),
          namespaceFromEnv: z.string(),
          taskQueueFromEnv: z.string(),
          workerDeploymentNameFromEnv: z.string(),
          workerDeploymentBuildIdFromEnv: z.string(),
          queueTypes: z.literal('workflow,activity'),
          targetQueueSize: z.string().regex(/^\d+$/),
          includeRunningWorkflowCount: z.literal('false'),
        }),
      }),
    ]),
  }),
  PodMonitor: z.strictObject({
    selector: z.strictObject({ matchLabels: z.record(z.string(), z.string()) }),
    podTargetLabels: z.array(z.string()).optional(),
    podMetricsEndpoints: z.array(
      z.strictObject({
        port: z.string(),
        relabelings: z.tuple([
          z.strictObject({ targetLabel: z.literal('job'), replacement: z.string() }),
        ]),
      }),
    ),
  }),
};
