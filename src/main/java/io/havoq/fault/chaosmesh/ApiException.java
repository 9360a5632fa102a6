package io.havoq.fault.chaosmesh;

/** The API server refused a request, or did not answer it; the message says which, why, and the next step. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of refusal it is. */
    enum Reason {
        /** No answer, or one that tells of trouble that may pass. */
        UNAVAILABLE,
        /** Too many requests, for longer than can be waited. */
        BUSY,
        /** 401. */
        UNAUTHENTICATED,
        /** 403 by RBAC. */
        FORBIDDEN,
        /** 403 by a webhook, 400, 422: what was sent is at fault. */
        REJECTED,
        /** 404. */
        NOT_FOUND,
        /** 409. */
        CONFLICT
    }

    private final Reason reason;

    ApiException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }

    /** Whether asking again may help. */
    boolean mayPass() {
        return reason == Reason.UNAVAILABLE || reason == Reason.BUSY || reason == Reason.CONFLICT;
    }
}
