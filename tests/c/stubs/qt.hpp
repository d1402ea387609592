// As much of Qt as docs/C-API.md uses.
#include "plain.hpp"

class QObject {
public:
    QObject() = default;
    QObject(const QObject &) = delete;
    QObject &operator=(const QObject &) = delete;
    virtual ~QObject() = default;
    template <class Sender, class Signal, class Function>
    static void connect(const Sender *, Signal, const QObject *, Function)
    {
    }
};

class QSocketNotifier : public QObject {
public:
    enum Type { Read, Write, Exception };
    QSocketNotifier(int socket, Type type, QObject *parent);
    void setEnabled(bool enable);
    void activated(int socket);
};

void qInfo(const char *format, ...) __attribute__((format(printf, 1, 2)));
