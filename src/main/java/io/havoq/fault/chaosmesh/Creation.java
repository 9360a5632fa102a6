package io.havoq.fault.chaosmesh;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.havoq.fault.FaultException;
import io.havoq.fault.chaosmesh.ApiException.Reason;
import io.havoq.manifest.ChaosSpec;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Makes a chaos object: tried by a server-side dry run first, so that what schema and webhooks say against it is known before
 * anything happens, and made once, however many answers get lost.
 */
final class Creation {
    /** A name of six random letters is hardly ever taken; twice in a row means something else. */
    private static final int NAMES = 2;

    private final MeshAccess access;
    private final String id;
    private final ChaosSpec pinned;

    Creation(MeshAccess access, String id, ChaosSpec pinned) {
        this.access = access;
        this.id = id;
        this.pinned = pinned;
    }

    /**
     * Makes it.
     *
     * @param intent is told the object's name before it is made, so that it can be undone
     * @throws FaultException if it is refused; nothing was made by a dry run
     */
    ObjectRef create(Consumer<ObjectRef> intent) {
        ApiException taken = null;
        for (var i = 0; i < NAMES; i++) {
            var attempt = UUID.randomUUID().toString();
            var object = ChaosManifest.of(ObjectName.unique(id), attempt, id, pinned, access.run());
            var ref = new ObjectRef(
                    ChaosKind.of(pinned),
                    access.run().namespace(),
                    object.getMetadata().getName());
            dryRun(ref, object);
            intent.accept(ref);
            access.progress().accept("creating " + ref + " (" + pinned.action() + ")");
            try {
                access.api().patiently(post(ref, object, "create " + ref, ""));
                return ref;
            } catch (ApiException e) {
                if (e.reason() != Reason.CONFLICT) {
                    throw refused(ref, object, e);
                }
                if (made(ref, attempt)) {
                    access.progress().accept(ref + " had been made, only the answer was lost");
                    return ref;
                }
                taken = e;
            }
        }
        throw new FaultException(id + ": every name that was tried for its " + pinned.kind() + " is taken: "
                + (taken == null ? "" : taken.getMessage()));
    }

    private void dryRun(ObjectRef ref, GenericKubernetesResource object) {
        try {
            access.api().patiently(post(ref, object, "create " + ref + " (dry run)", "&dryRun=All"));
        } catch (ApiException e) {
            throw refused(ref, object, e);
        }
    }

    private static Request post(ObjectRef ref, GenericKubernetesResource object, String what, String query) {
        return new Request(
                "create",
                ref.kind().resource(),
                ref.namespace(),
                ref.kind().path(ref.namespace()) + "?fieldValidation=Strict&fieldManager=havoq" + query,
                Optional.of(ChaosManifest.json(object)),
                what);
    }

    /** Whether the object of that name is the one of this attempt. */
    private boolean made(ObjectRef ref, String attempt) {
        return access.api()
                .findPatiently(ref.get())
                .map(ChaosObject::of)
                .filter(object -> object.attempt().equals(attempt))
                .isPresent();
    }

    private FaultException refused(ObjectRef ref, GenericKubernetesResource object, ApiException e) {
        var hint = e.reason() == Reason.NOT_FOUND
                ? ". Next step: kubectl get crd " + ref.kind().resource()
                        + "; without it Chaos Mesh is not installed; or the namespace is missing"
                : "";
        var text = e.reason() == Reason.REJECTED ? "\nThe object:\n" + ChaosManifest.yaml(object) : "";
        return new FaultException(id + ": " + e.getMessage() + hint + text, e);
    }
}
