noinst_LTLIBRARIES += lib/wire/librfwire.la
lib_wire_librfwire_la_SOURCES = \
	lib/wire/address.c lib/wire/address.h \
	lib/wire/auth.c lib/wire/auth.h \
	lib/wire/base64.c lib/wire/base64.h \
	lib/wire/channel.c lib/wire/channel.h \
	lib/wire/connector.c \
	lib/wire/kinds.c lib/wire/kinds.h \
	lib/wire/listener.c lib/wire/listener.h \
	lib/wire/message.c lib/wire/message.h \
	lib/wire/secret.c lib/wire/secret.h
lib_wire_librfwire_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(EVENT_CFLAGS)
lib_wire_librfwire_la_LIBADD = lib/util/librfutil.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(EVENT_LIBS)

# libc only: also linked into slots and into the shim
noinst_LTLIBRARIES += lib/wire/librfrankmsg.la
lib_wire_librfrankmsg_la_CFLAGS = $(RF_ENGINE_CFLAGS)
lib_wire_librfrankmsg_la_SOURCES = \
	lib/wire/body.c lib/wire/body.h \
	lib/wire/clocks.c lib/wire/clocks.h \
	lib/wire/rankmsg.c lib/wire/rankmsg.h \
	lib/wire/step.h
